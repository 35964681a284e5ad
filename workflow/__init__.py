"""The contract as code: declarations, judgement, periods and figures. Pure: no web, no database, no clock."""
