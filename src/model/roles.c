#include "model/roles.h"

#include "model/choices.h"
#include "model/organisation.h"

static const struct choice roles[] = {
#define ROLE_CHOICE(constant, id, code) CHOICE("role", id, code),
	ROLES(ROLE_CHOICE)
#undef ROLE_CHOICE
};
CHOICES(role, roles);

/* Sets of roles that must not meet in one account. */
static const struct {
	unsigned some, others;
} conflicts[] = {
	{ ROLE_AUDITOR, ROLE__ANY & ~ROLE_AUDITOR },
	{ ROLE_PROVIDER, ROLE_CERT | ROLE_ADMINISTRATOR },
	{ ROLE_ADMINISTRATOR, ROLE_CERT },
};

static enum role
lowest(unsigned set)
{
	return (enum role)(set & -set);
}

/* The roles that must not meet this one. */
static unsigned
conflicting(unsigned role)
{
	unsigned set = 0;

	for (size_t i = 0; i < sizeof(conflicts) / sizeof(conflicts[0]); i++) {
		if (role & conflicts[i].some)
			set |= conflicts[i].others;
		if (role & conflicts[i].others)
			set |= conflicts[i].some;
	}
	return set;
}

bool
roles_agree(unsigned set, enum role *ret_a, enum role *ret_b)
{
	for (unsigned rest = set & ROLE__ANY; rest; rest &= rest - 1) {
		enum role role = lowest(rest);
		unsigned against = set & conflicting(role);

		if (against) {
			*ret_a = role;
			*ret_b = lowest(against);
			return false;
		}
	}
	return true;
}

unsigned
roles_of_org(int64_t org_kind)
{
	switch (org_kind) {
	case ORG_PROVIDER:
	case ORG_AGENCY:                 /* a superior body may report for units below it: guide 3.1.2.1 */
		return ROLE_PROVIDER;
	case ORG_CERT:
		return ROLE_CERT | ROLE_ADMINISTRATOR | ROLE_AUDITOR;
	case ORG_NATIONAL:
		return ROLE_LIAISON;
	case ORG_OPERATOR:
		return ROLE_ADMINISTRATOR | ROLE_AUDITOR;
	default:
		return 0;
	}
}
