namespace Portal.Data.KeyRing;

/// <summary>A stored key of the installation: one of the key ring, as XML, or one that signs assertions.</summary>
/// <param name="Name">Such as <c>key-….xml</c>.</param>
public sealed record StoredKey(string Name, byte[] Content);

/// <summary>Stores the keys of the installation: files in the data directory with SQLite, and rows in the database with PostgreSQL, so that all nodes
/// have the same.</summary>
public interface IKeyStore
{
    /// <summary>Whether other nodes use the same keys.</summary>
    bool IsShared { get; }

    /// <summary>Where the keys are, for messages: a folder, or the database.</summary>
    string Location { get; }

    /// <summary>The advice for the operator if keys can't be read or stored.</summary>
    string Advice { get; }

    /// <summary>How to remove keys of the key ring that can't be decrypted, as the end of a sentence.</summary>
    /// <param name="name">The key; null for all of them.</param>
    string RemovalAdvice(string? name);

    /// <summary>Changes whenever a key of the key ring changes.</summary>
    string RingVersion { get; }

    /// <param name="prefix">The beginning of the names.</param>
    /// <param name="suffix">Their end.</param>
    IReadOnlyList<StoredKey> Read(string prefix, string suffix);

    /// <summary>Replaces the key completely or not at all.</summary>
    void Write(string name, byte[] content);

    /// <summary>Removes the key if it exists.</summary>
    void Remove(string name);

    /// <summary>Runs an action while no other node runs one, so that what it reads is still true when it writes.</summary>
    void RunAlone(Action action);

    /// <summary>Begins to replace the key of the key ring.</summary>
    /// <returns>Null if another process is doing so.</returns>
    internal IRotationMarker? TryBeginRotation();
}

internal static class KeyStoreExtensions
{
    private const string RingPrefix = "key-", RingSuffix = ".xml";

    /// <summary>Reads the keys of the key ring.</summary>
    public static IReadOnlyList<StoredKey> ReadRing(this IKeyStore store) => store.Read(RingPrefix, RingSuffix);
}
