namespace Portal.Accounts.Users;

/// <summary>What a directory decides about the users that it manages.</summary>
public sealed class ManagedUsers
{
    /// <summary>Whether the groups of the directory decide the role. Administrators then can't change it.</summary>
    public bool GroupsDecideRoles { get; set; }
}
