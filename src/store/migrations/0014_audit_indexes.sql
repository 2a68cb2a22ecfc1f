-- Nothing asks for them, and every record paid for them.
DROP INDEX audit_of_account;
DROP INDEX audit_of_org;
