using Portal.Access;

namespace Portal.Scim;

/// <summary>The directory, as the audit log names it.</summary>
internal static class ScimActor
{
    public static Actor Of(string accountId) => new(ActorKind.System, "scim", "SCIM", accountId, Role.Administrator);
}
