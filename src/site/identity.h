/* The handlers about people: signing in, one's own account, accounts, organisations, set-up. */
#ifndef SITE_IDENTITY_H
#define SITE_IDENTITY_H

#include "http/request.h"

/* session.c */
handler handle_sign_in_form, handle_sign_in, handle_sign_out;
/* me.c */
handler handle_me, handle_me_save, handle_me_again, handle_me_password_form, handle_me_password,
    handle_me_totp_form, handle_me_totp, handle_me_totp_off_form, handle_me_totp_off, handle_me_sessions,
    handle_me_session_end, handle_me_sessions_end, handle_me_keys, handle_me_key_create, handle_me_key_revoke;
/* calendar.c */
handler handle_me_calendars, handle_me_calendar_create, handle_me_calendar_revoke, handle_calendar;
/* account.c */
handler handle_account_list, handle_account_new, handle_account_create, handle_account_view,
    handle_account_edit, handle_account_save, handle_account_verb, handle_account_verb_form,
    handle_account_key_form, handle_account_key_create, handle_account_key_revoke;
/* organisation.c */
handler handle_organisation_list, handle_organisation_new, handle_organisation_create,
    handle_organisation_view, handle_organisation_edit, handle_organisation_save, handle_organisation_remove,
    handle_organisation_restore, handle_organisation_state_form;
/* sector.c */
handler handle_sector_list, handle_sector_new, handle_sector_create, handle_sector_view, handle_sector_save;
/* setup.c */
handler handle_setup_form, handle_setup, handle_invite_form, handle_invite;

#endif
