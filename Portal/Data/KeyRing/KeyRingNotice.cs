using System.Collections.Concurrent;

namespace Portal.Data.KeyRing;

/// <summary>The warning that nothing encrypts the key ring. Administrators see it until they close it.</summary>
public sealed partial class KeyRingNotice
{
    private const string Setting = KeyRingOptions.Section + ":PassphraseFile";

    private readonly KeyRingSecrets _secrets;
    private readonly IHostEnvironment _environment;
    private readonly ILogger<KeyRingNotice> _logger;
    private readonly ConcurrentDictionary<string, bool> _closed = new(StringComparer.Ordinal);
    private volatile bool _isRaised;

    internal KeyRingNotice(KeyRingSecrets secrets, IHostEnvironment environment, ILogger<KeyRingNotice> logger) =>
        (_secrets, _environment, _logger) = (secrets, environment, logger);

    /// <summary>The setting that protects the key ring.</summary>
    public static string SettingName => Setting;

    /// <summary>Warns, unless the key ring is encrypted. In Development, the stored keys are for tests.</summary>
    public void Raise()
    {
        if (_secrets.Current is not null || _environment.IsDevelopment())
            return;
        _isRaised = true;
        LogUnencrypted();
    }

    /// <param name="session">The session of an administrator.</param>
    public bool IsShown(string session) => _isRaised && !_closed.ContainsKey(session);

    /// <summary>Shows the warning no longer in this session.</summary>
    public void Close(string session) => _closed.TryAdd(session, true);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The key ring is not encrypted: anyone who can read the data directory or a copy of it can read the stored keys. Set "
        + Setting + ", and start Portal again. See docs/operations.md")]
    private partial void LogUnencrypted();
}
