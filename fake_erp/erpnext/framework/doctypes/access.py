"""Users, roles, files and comments: the DocTypes around who does what. Fields of integrations' interest only (our choice)."""

from __future__ import annotations

from typing import Final

USER: Final = """
enabled | Check | Enabled | default=1
email | Data:Email | Email | reqd
first_name | Data | First Name | reqd
last_name | Data | Last Name
full_name | Data | Full Name | ro
username | Data | Username
language | Link:Language | Language
time_zone | Data | Time Zone
user_image | Small Text | User Image
user_type | Select:System User;Website User | User Type | default=System User
send_welcome_email | Check | Send Welcome Email | default=1
new_password | Password | Set New Password
api_key | Data | API Key | unique
api_secret | Password | API Secret
roles | Table:Has Role | Roles Assigned
"""

HAS_ROLE: Final = """
role | Link:Role | Role
"""

ROLE: Final = """
role_name | Data | Role Name | reqd
disabled | Check | Disabled
desk_access | Check | Desk Access | default=1
"""

USER_PERMISSION: Final = """
user | Link:User | User | reqd
allow | Link:DocType | Allow | reqd
for_value | Dynamic Link:allow | For Value | reqd
is_default | Check | Is Default
apply_to_all_doctypes | Check | Apply To All Document Types | default=1
"""

OAUTH_CLIENT: Final = """
app_name | Data | App Name | reqd
client_id | Data | App Client ID | ro
client_secret | Data | App Client Secret | ro
user | Link:User | User
skip_authorization | Check | Skip Authorization
scopes | Text | Scopes | default=all openid, reqd
redirect_uris | Text | Redirect URIs
default_redirect_uri | Data | Default Redirect URI | reqd
grant_type | Select:Authorization Code;Implicit | Grant Type
response_type | Select:Code;Token | Response Type | default=Code
"""

FILE: Final = """
file_name | Data | File Name
is_private | Check | Is Private
file_size | Int | File Size | ro
file_url | Small Text | File URL
folder | Data | Folder
is_folder | Check | Is Folder
attached_to_doctype | Link:DocType | Attached To DocType | ro
attached_to_name | Data | Attached To Name | ro
attached_to_field | Data | Attached To Field | ro
content_hash | Data | Content Hash
"""

COMMENT: Final = """
comment_type | Select:Comment;Like;Info;Label;Workflow;Created;Submitted;Cancelled;Updated;Deleted;Assigned;Attachment;Edit\
 | Comment Type | default=Comment, reqd
comment_email | Data | Comment Email
comment_by | Data | Comment By
published | Check | Published
seen | Check | Seen
subject | Text | Subject
reference_doctype | Link:DocType | Reference Document Type
reference_name | Data | Reference Name
reference_owner | Data | Reference Owner | ro
content | HTML Editor | Content
"""

TABLES: Final = {
    "User": ("custom", USER),
    "Has Role": ("child", HAS_ROLE),
    "Role": ("field=role_name", ROLE),
    "User Permission": ("hash", USER_PERMISSION),
    "OAuth Client": ("custom", OAUTH_CLIENT),
    "File": ("hash", FILE),
    "Comment": ("hash", COMMENT),
}
