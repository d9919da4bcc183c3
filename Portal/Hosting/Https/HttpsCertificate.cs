using System.Net.Security;
using Portal.Secrets;

namespace Portal.Hosting.Https;

/// <summary>The certificate that Portal serves, and its files, which are read again when they change.</summary>
/// <remarks>Polls the content, because tools replace the files in many ways: by writing, by renaming, or by changing a link (Kubernetes). If the new
/// files can't be used, the former certificate stays.</remarks>
internal sealed partial class HttpsCertificate : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly HttpsOptions _options;
    private readonly ILogger<HttpsCertificate> _logger;
    private volatile SslStreamCertificateContext _current;
    private byte[] _hash;
    private bool _isFailing;

    /// <exception cref="SecretException">The certificate can't be used; the message says what to do.</exception>
    public HttpsCertificate(HttpsOptions options, ILogger<HttpsCertificate> logger)
    {
        (_options, _logger) = (options, logger);
        var file = FileOf(options);
        _current = Load(file);
        _hash = file.ReadHash();
        LogValidity();
    }

    /// <summary>The certificate with its intermediate certificates.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <returns>Null: Portal doesn't serve HTTPS itself.</returns>
    public static HttpsOptions? ReadOptions(IConfiguration configuration) =>
        configuration.GetSection(HttpsOptions.Section).Get<HttpsOptions>(binder => binder.ErrorOnUnknownConfiguration = true) is { } options
        && !string.IsNullOrEmpty(options.Certificate) ? options : null;

    /// <exception cref="SecretException">The password file can't be read; the message says what to do.</exception>
    public static CertificateFile FileOf(HttpsOptions options) => new(
        options.Certificate!, string.IsNullOrEmpty(options.Key) ? null : options.Key,
        !string.IsNullOrEmpty(options.PasswordFile) ? SecretFile.Read(options.PasswordFile, $"{HttpsOptions.Section}:PasswordFile")
            : string.IsNullOrEmpty(options.Password) ? null
            : options.Password,
        $"{HttpsOptions.Section}:Certificate");

    /// <summary>Reads the files again if they have changed.</summary>
    public void Check()
    {
        try
        {
            var file = FileOf(_options);
            var hash = file.ReadHash();
            _isFailing = false;
            if (hash.AsSpan().SequenceEqual(_hash))
                return;
            // Before the files are loaded: if they change meanwhile, the next check reads them again.
            _hash = hash;
            _current = Load(file);
            LogValidity();
        }
        catch (Exception exception) when (exception is SecretException or IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
                LogUnusable(exception.Message);
            _isFailing = true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Check();
    }

    private static SslStreamCertificateContext Load(CertificateFile file)
    {
        var loaded = file.Load();
        return SslStreamCertificateContext.Create(loaded.Own, loaded.Others, offline: true);
    }

    private void LogValidity()
    {
        var certificate = _current.TargetCertificate;
        if (certificate.NotAfter.ToUniversalTime() < TimeProvider.System.GetUtcNow().UtcDateTime)
            LogExpired(certificate.Subject, certificate.NotAfter.ToUniversalTime());
        else
            LogLoaded(certificate.Subject, certificate.NotAfter.ToUniversalTime());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The HTTPS certificate {Subject} is valid until {End:u}")]
    private partial void LogLoaded(string subject, DateTime end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The HTTPS certificate {Subject} expired at {End:u}, so clients refuse to connect. Replace its files; Portal reads them within seconds")]
    private partial void LogExpired(string subject, DateTime end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The HTTPS certificate has changed and can't be used, so Portal continues with the former one. {Reason}")]
    private partial void LogUnusable(string reason);
}
