namespace Portal.Data.KeyRing;

/// <summary>Stored values that the key ring encrypts. Each part that stores such values registers them, so that a new key can replace the keys with
/// which they were encrypted.</summary>
internal interface IEncryptedValues
{
    /// <summary>What they are, in English, for the output of a command.</summary>
    string Name { get; }

    /// <summary>The purpose of the data protector that encrypts them.</summary>
    string Purpose { get; }

    /// <summary>Encrypts every value that another key encrypted with the key that encrypts now. Another process may use the database.</summary>
    /// <param name="keyId">The key that encrypts now.</param>
    /// <param name="progress">Gets the counts so far.</param>
    Task<ReencryptedValues> ReencryptAsync(Guid keyId, IProgress<ReencryptedValues>? progress, CancellationToken cancellation);
}

/// <param name="Total">The number of values so far.</param>
/// <param name="Changed">Those that were encrypted again.</param>
/// <param name="Unreadable">Those that no key of the key ring can decrypt. They stay as they are.</param>
internal readonly record struct ReencryptedValues(long Total, long Changed, long Unreadable)
{
    public static ReencryptedValues operator +(ReencryptedValues one, ReencryptedValues other) =>
        new(one.Total + other.Total, one.Changed + other.Changed, one.Unreadable + other.Unreadable);
}
