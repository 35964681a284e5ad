"""the first tables

Step da50f2de175e, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import database

revision = 'da50f2de175e'
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    ('sqlite', "CREATE TRIGGER contract_record_is_not_changed BEFORE UPDATE ON contract_record BEGIN SELECT RAISE(ABORT, 'contract_record: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER contract_record_is_not_removed BEFORE DELETE ON contract_record BEGIN SELECT RAISE(ABORT, 'contract_record: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION contract_record_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'contract_record: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER contract_record_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_record FOR EACH STATEMENT EXECUTE FUNCTION contract_record_only_grows()'),
    ('sqlite', "CREATE TRIGGER security_event_is_not_changed BEFORE UPDATE ON security_event BEGIN SELECT RAISE(ABORT, 'security events are only added'); END"),
    ('sqlite', "CREATE TRIGGER security_event_is_not_removed BEFORE DELETE ON security_event BEGIN SELECT RAISE(ABORT, 'security events are only added'); END"),
    ('postgresql', "CREATE FUNCTION security_event_only_grows() RETURNS trigger LANGUAGE plpgsql AS\n       $$ BEGIN RAISE EXCEPTION 'security events are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER security_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON security_event\n       FOR EACH STATEMENT EXECUTE FUNCTION security_event_only_grows()'),
    ('sqlite', "CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'event: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'event: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION event_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'event: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_only_grows()'),
    ('sqlite', "CREATE TRIGGER line_move_is_not_changed BEFORE UPDATE ON line_move BEGIN SELECT RAISE(ABORT, 'line_move: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER line_move_is_not_removed BEFORE DELETE ON line_move BEGIN SELECT RAISE(ABORT, 'line_move: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION line_move_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'line_move: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER line_move_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON line_move FOR EACH STATEMENT EXECUTE FUNCTION line_move_only_grows()'),
    ('sqlite', "CREATE TRIGGER link_is_not_changed BEFORE UPDATE ON link BEGIN SELECT RAISE(ABORT, 'link: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER link_is_not_removed BEFORE DELETE ON link BEGIN SELECT RAISE(ABORT, 'link: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION link_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'link: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER link_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON link FOR EACH STATEMENT EXECUTE FUNCTION link_only_grows()'),
    ('sqlite', "CREATE TRIGGER message_is_not_changed BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'message: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER message_is_not_removed BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'message: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION message_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'message: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER message_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON message FOR EACH STATEMENT EXECUTE FUNCTION message_only_grows()'),
    ('sqlite', "CREATE TRIGGER paper_is_not_changed BEFORE UPDATE ON paper BEGIN SELECT RAISE(ABORT, 'paper: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER paper_is_not_removed BEFORE DELETE ON paper BEGIN SELECT RAISE(ABORT, 'paper: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION paper_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'paper: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER paper_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON paper FOR EACH STATEMENT EXECUTE FUNCTION paper_only_grows()'),
    ('sqlite', "CREATE TRIGGER supplement_is_not_changed BEFORE UPDATE ON supplement BEGIN SELECT RAISE(ABORT, 'supplement: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER supplement_is_not_removed BEFORE DELETE ON supplement BEGIN SELECT RAISE(ABORT, 'supplement: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION supplement_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'supplement: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER supplement_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON supplement FOR EACH STATEMENT EXECUTE FUNCTION supplement_only_grows()'),
    ('sqlite', "CREATE TRIGGER signature_is_not_changed BEFORE UPDATE ON signature BEGIN SELECT RAISE(ABORT, 'signature: records are only added'); END"),
    ('sqlite', "CREATE TRIGGER signature_is_not_removed BEFORE DELETE ON signature BEGIN SELECT RAISE(ABORT, 'signature: records are only added'); END"),
    ('postgresql', "CREATE FUNCTION signature_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'signature: records are only added'; END $$"),
    ('postgresql', 'CREATE TRIGGER signature_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON signature FOR EACH STATEMENT EXECUTE FUNCTION signature_only_grows()'),
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table('beat',
    sa.Column('worker', sa.String(length=80), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('struck', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('worker', name=op.f('pk_beat'))
    )
    op.create_table('contract_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('loaded_at', database.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_record'))
    )
    with op.batch_alter_table('contract_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_record_key'), ['key'], unique=False)

    op.create_table('demo_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('made_at', database.UtcInstant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demo_mark'))
    )
    op.create_table('failure_count',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('first_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('locked_until', database.UtcInstant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_failure_count'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('username', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('language', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('totp_sealed', sa.String(length=400), nullable=True),
    sa.Column('totp_last_step', sa.Integer(), nullable=False),
    sa.Column('factor_enrolled_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('disabled_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('created_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('same_person_as', sa.Integer(), nullable=True),
    sa.Column('credential_version', sa.Integer(), nullable=False),
    sa.CheckConstraint('username = lower(username)', name=op.f('ck_person_username_is_lower_case')),
    sa.ForeignKeyConstraint(['same_person_as'], ['person.id'], name=op.f('fk_person_same_person_as')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('username', name=op.f('uq_person_username'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_same_person_as'), ['same_person_as'], unique=False)

    op.create_table('series',
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('contract_key', 'name', name=op.f('pk_series'))
    )
    op.create_table('tree',
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('frontier', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('contract_key', name=op.f('pk_tree'))
    )
    op.create_table('answer',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('request', sa.String(length=64), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('outcome', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['person.id'], name=op.f('fk_answer_account_id')),
    sa.PrimaryKeyConstraint('account_id', 'key', name=op.f('pk_answer'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('expires_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('last_used_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('revoked_at', database.UtcInstant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_api_token_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.create_index('ix_api_token_person', ['person_id'], unique=False)

    op.create_table('identity_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=True),
    sa.Column('content_digest', sa.String(length=128), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('verifier_id', sa.Integer(), nullable=False),
    sa.Column('challenge_sealed', sa.String(length=400), nullable=True),
    sa.Column('issued_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('expires_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('passed_at', database.UtcInstant(timezone=True), nullable=True),
    sa.CheckConstraint("method <> 'call_back' OR verifier_id <> person_id", name=op.f('ck_identity_check_nobody_verifies_themselves')),
    sa.CheckConstraint('expires_at > issued_at', name=op.f('ck_identity_check_expires_after_issue')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_identity_check_person_id')),
    sa.ForeignKeyConstraint(['verifier_id'], ['person.id'], name=op.f('fk_identity_check_verifier_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_check'))
    )
    with op.batch_alter_table('identity_check', schema=None) as batch_op:
        batch_op.create_index('ix_identity_check_person', ['person_id'], unique=False)
        batch_op.create_index('ix_identity_check_ticket_person', ['ticket_id', 'person_id'], unique=False)

    op.create_table('mandate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=True),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('starts_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('ends_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('scope', sa.JSON(), nullable=False),
    sa.Column('callback_number_sealed', sa.String(length=400), nullable=True),
    sa.Column('callback_since', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('revoked_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('granted_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("(contract_key IS NULL) = (role LIKE 'admin.%')", name=op.f('ck_mandate_only_administrators_lack_a_contract')),
    sa.CheckConstraint('ends_at IS NULL OR ends_at > starts_at', name=op.f('ck_mandate_ends_after_it_starts')),
    sa.ForeignKeyConstraint(['granted_by'], ['person.id'], name=op.f('fk_mandate_granted_by')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mandate_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate'))
    )
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.create_index('ix_mandate_contract_role', ['contract_key', 'role'], unique=False)
        batch_op.create_index('ix_mandate_person', ['person_id'], unique=False)
        batch_op.create_index('uq_mandate_one_administrator_role', ['person_id'], unique=True, sqlite_where=sa.text('contract_key IS NULL AND revoked_at IS NULL'), postgresql_where=sa.text('contract_key IS NULL AND revoked_at IS NULL'))

    op.create_table('one_time_secret',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('credential_version', sa.Integer(), nullable=False),
    sa.Column('issued_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('expires_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('used_at', database.UtcInstant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_one_time_secret_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_secret')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_one_time_secret_secret_hash'))
    )
    op.create_table('security_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_security_event_person_id')),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_security_event_subject_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_event'))
    )
    with op.batch_alter_table('security_event', schema=None) as batch_op:
        batch_op.create_index('ix_security_event_person', ['person_id'], unique=False)

    op.create_table('ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=60), nullable=False),
    sa.Column('final', sa.Boolean(), nullable=False),
    sa.Column('awaits', sa.String(length=20), nullable=False),
    sa.Column('opener_only', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content_version', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('headline', sa.String(length=200), nullable=False),
    sa.Column('opened_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=True),
    sa.Column('opened_party', sa.String(length=20), nullable=False),
    sa.Column('changed_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('due_at', database.UtcInstant(timezone=True), nullable=True),
    sa.CheckConstraint('version >= 1', name=op.f('ck_ticket_version_counts_from_one')),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id'], name=op.f('fk_ticket_opened_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_contract_awaits', ['contract_key', 'awaits', 'id'], unique=False)
        batch_op.create_index('ix_ticket_contract_kind', ['contract_key', 'kind', 'id'], unique=False)

    op.create_table('user_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('seen_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('ends_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('revoked_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('credential_version', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_user_session_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_user_session_token_hash'))
    )
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.create_index('ix_user_session_person', ['person_id'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('log_index', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('clause', sa.String(length=20), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('door', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('dest', sa.String(length=60), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('proofs', sa.JSON(), nullable=False),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('notices', sa.JSON(), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('leaf', sa.String(length=64), nullable=False),
    sa.CheckConstraint("accepted = (reason = '')", name=op.f('ck_event_a_refusal_has_a_reason')),
    sa.ForeignKeyConstraint(['account_id'], ['person.id'], name=op.f('fk_event_account_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_event_person_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_event_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
    sa.UniqueConstraint('contract_key', 'log_index', name=op.f('uq_event_contract_key_log_index')),
    sa.UniqueConstraint('ticket_id', 'sequence', name=op.f('uq_event_ticket_id_sequence'))
    )
    op.create_table('timer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('deadline', sa.String(length=60), nullable=False),
    sa.Column('clause', sa.String(length=20), nullable=False),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('figure', sa.String(length=80), nullable=True),
    sa.Column('started_event', sa.Integer(), nullable=False),
    sa.Column('started_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('due_at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('stopped_at', database.UtcInstant(timezone=True), nullable=True),
    sa.Column('struck_at', database.UtcInstant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_timer_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timer')),
    sa.UniqueConstraint('ticket_id', 'deadline', 'started_event', name=op.f('uq_timer_ticket_id_deadline_started_event'))
    )
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.create_index('ix_timer_running_due', ['due_at'], unique=False, sqlite_where=sa.text("status = 'running'"), postgresql_where=sa.text("status = 'running'"))
        batch_op.create_index('ix_timer_ticket', ['ticket_id'], unique=False)

    op.create_table('line_move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('ends', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_line_move_event_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_line_move_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_move'))
    )
    with op.batch_alter_table('line_move', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_line_move_contract_key'), ['contract_key'], unique=False)

    op.create_table('link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=40), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_link_event_id')),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], name=op.f('fk_link_other_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_link_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_link')),
    sa.UniqueConstraint('ticket_id', 'other_id', 'relation', name=op.f('uq_link_ticket_id_other_id_relation'))
    )
    with op.batch_alter_table('link', schema=None) as batch_op:
        batch_op.create_index('ix_link_other', ['other_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_message_event_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_message_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_contract_party', ['contract_key', 'party', 'id'], unique=False)

    op.create_table('paper',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.String(length=64), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('file_digest', sa.String(length=64), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=True),
    sa.Column('file_type', sa.String(length=100), nullable=True),
    sa.Column('file_size', sa.Integer(), nullable=True),
    sa.Column('filed_by', sa.Integer(), nullable=True),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_paper_event_id')),
    sa.ForeignKeyConstraint(['filed_by'], ['person.id'], name=op.f('fk_paper_filed_by')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_paper_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper')),
    sa.UniqueConstraint('ticket_id', 'kind', 'version', name=op.f('uq_paper_ticket_id_kind_version'))
    )
    op.create_table('supplement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_key', sa.String(length=80), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('additions_fen', sa.Integer(), nullable=False),
    sa.Column('reductions_fen', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_supplement_event_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_supplement_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplement'))
    )
    with op.batch_alter_table('supplement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_supplement_contract_key'), ['contract_key'], unique=False)

    op.create_table('signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('party', sa.String(length=20), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('meaning', sa.String(length=60), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('at', database.UtcInstant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['person.id'], name=op.f('fk_signature_account_id')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_signature_event_id')),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], name=op.f('fk_signature_paper_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_signature_person_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_signature_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature')),
    sa.UniqueConstraint('paper_id', 'person_id', 'meaning', name=op.f('uq_signature_paper_id_person_id_meaning'))
    )
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signature_ticket_id'), ['ticket_id'], unique=False)

    # ### end Alembic commands ###
    for dialect, statement in STATEMENTS:
        if op.get_bind().dialect.name == dialect:
            op.get_bind().exec_driver_sql(statement)
