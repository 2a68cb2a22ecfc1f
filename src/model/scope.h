/* Which rows a person sees: chosen once when signing in, taken by every statement on the entity (store/statements/scope.h). */
#ifndef MODEL_SCOPE_H
#define MODEL_SCOPE_H

#include <stdint.h>

enum scope_kind { SCOPE_NONE, SCOPE_UNIT, SCOPE_ORG, SCOPE_CERT, SCOPE_NATION, SCOPE_ALL, SCOPE__MAX };

struct scope {
	enum scope_kind kind;
	int64_t org;             /* $1 */
	int64_t account;         /* $2 */
};

#endif
