using Portal.Secrets;

namespace Portal.Data.Nodes;

/// <summary>What a node does.</summary>
public enum ProcessRole
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>The pages for people, single sign-on and SCIM.</summary>
    Screens,

    /// <summary>The gateway, forward authentication and the management API.</summary>
    Gateway,
}

/// <summary>The setting of the role.</summary>
public static class ProcessRoleSetting
{
    public const string Name = "Portal:Role";

    /// <exception cref="SecretException">It isn't one of the roles; the message says what to do.</exception>
    public static ProcessRole Load(IConfiguration configuration)
    {
        var given = configuration[Name];
        if (string.IsNullOrWhiteSpace(given))
            return ProcessRole.All;
        return Enum.TryParse<ProcessRole>(given, ignoreCase: true, out var role) && Enum.IsDefined(role)
            ? role
            : throw new SecretException($"{Name} is {given}. Set it to {string.Join(", ", Enum.GetNames<ProcessRole>()[..^1])} or {Enum.GetNames<ProcessRole>()[^1]}.");
    }
}
