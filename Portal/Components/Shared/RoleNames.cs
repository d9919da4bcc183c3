using Portal.Access;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The display names of the roles.</summary>
internal static class RoleNames
{
    public static string NameOf(Role role) => role switch
    {
        Role.Administrator => Texts.Role_Administrator,
        Role.Operator => Texts.Role_Operator,
        _ => Texts.Role_Viewer,
    };
}
