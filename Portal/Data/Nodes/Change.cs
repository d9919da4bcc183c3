namespace Portal.Data.Nodes;

/// <summary>The kinds of changes that nodes must know before they accept further requests.</summary>
public enum ChangeKind : short
{
    /// <summary>A token, with its secrets and permissions. The key is its handle.</summary>
    Token = 1,

    /// <summary>The IP rules of an account. The key is the account's ID.</summary>
    AddressRules = 2,

    /// <summary>An account. The key is its ID.</summary>
    Account = 3,

    /// <summary>A user, with their role, sessions and second factors. The key is the user's ID.</summary>
    User = 4,
}

/// <summary>An entry of the change log, which triggers write in the transaction of the change.</summary>
/// <param name="Sequence">Begins at 1 and has no gaps. The order of the numbers is the order of the commits.</param>
/// <param name="Key">What has changed, see <see cref="ChangeKind"/>.</param>
public readonly record struct Change(long Sequence, ChangeKind Kind, string Key);

/// <summary>Keeps data of the database in memory, and forgets what has changed.</summary>
/// <remarks>The methods return when the memory is correct. They must not wait, throw or read the database.</remarks>
public interface IChangeListener
{
    /// <summary>Forgets what depends on the change. Called for changes of all nodes, including this one.</summary>
    void Changed(in Change change);

    /// <summary>Forgets everything: changes may have been missed.</summary>
    void DropAll();
}
