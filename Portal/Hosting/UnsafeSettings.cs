using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.Json;
using Portal.Access;
using Portal.Accounts;
using Portal.Authentication.SharedLimits;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Hosting.Https;

namespace Portal.Hosting;

/// <param name="Stops">Whether Portal doesn't start; otherwise it warns.</param>
/// <param name="Message">The setting, what it would allow, and what to do.</param>
internal sealed record UnsafeSetting(bool Stops, string Message);

/// <summary>Portal doesn't start because of a setting; the message says which, and what to do.</summary>
public sealed class UnsafeSettingException(string message) : Exception(message);

/// <summary>Finds settings that would expose Portal by mistake.</summary>
/// <remarks>Portal refuses what exposes passwords or keys to others. It only warns about what weakens one of several protections, because a refusal
/// would stop an installation that its operator has chosen so.</remarks>
internal static class UnsafeSettings
{
    public const string AllowInsecureHttp = "Portal:AllowInsecureHttp";

    /// <summary>Files that must not be copied together with the data directory.</summary>
    private static readonly string[] FileNames = ["PassphraseFile", "Certificate", "CertificateKey", "CertificatePasswordFile"];

    /// <summary>Says whether people can sign in with a password, and is no secret.</summary>
    private const string AllowPassword = $"{SignInOptions.Section}:{nameof(SignInOptions.Password)}";

    private static readonly string[] SecretNames = ["Passphrase", "Password", "CertificatePassword", "ClientSecret", "ConnectionString", nameof(LimitStoreOptions.Store)];

    /// <param name="isDemo">Whether it is the demonstration, whose data is invented.</param>
    public static IEnumerable<UnsafeSetting> Find(IConfiguration configuration, IHostEnvironment environment, bool isDemo)
    {
        var open = ListenAddresses.Of(configuration).Where(ListenAddresses.IsPublic).ToList();
        if (SecretOnCommandLine(configuration) is { } name)
            yield return new(true, $"{name} is on the command line, which all users of this machine can read. Put the secret into a file or an environment variable.");
        if (isDemo || environment.IsDevelopment())
        {
            if (open.Count > 0)
                yield return new(false, $"{(isDemo ? "The demonstration" : "The Development environment")} is for this machine only, but Portal listens on {open[0]}. Listen on {ListenAddresses.Default}{(isDemo ? "" : ", or remove ASPNETCORE_ENVIRONMENT")}.");
            yield break;
        }

        foreach (var found in FindAddresses(configuration, open))
            yield return found;
        if (IsOn(configuration, WebHostDefaults.DetailedErrorsKey))
            yield return new(true, "DetailedErrors (ASPNETCORE_DETAILEDERRORS) shows browsers the details of failures. Remove it. The log has the details.");
        if (FileInDataDirectory(configuration) is { } file)
            yield return new(true, $"{file} is in the data directory, so everyone who gets a copy of it can decrypt the key ring. Move the file elsewhere, for example to /etc/portal.");
        if (configuration[$"{UserSessionOptions.Section}:{nameof(UserSessionOptions.ProofMinutes)}"] == "0")
            yield return new(false, $"{UserSessionOptions.Section}:{nameof(UserSessionOptions.ProofMinutes)} is 0, so anyone at an open browser can view keys and change users. Set it to 10.");
        if (((IConfigurationRoot)configuration).Providers.OfType<JsonConfigurationProvider>().Any(provider => provider.TryGet($"{KeyRingOptions.Section}:Passphrase", out var value) && !string.IsNullOrEmpty(value)))
            yield return new(false, $"{KeyRingOptions.Section}:Passphrase is in a settings file. Put it into a file that only Portal can read, and set {KeyRingOptions.Section}:PassphraseFile.");
    }

    /// <summary>Logs warnings.</summary>
    /// <exception cref="UnsafeSettingException">A setting must not stay; the message says which.</exception>
    public static void Check(IServiceProvider services, bool isDemo)
    {
        var found = Find(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<IHostEnvironment>(), isDemo).ToList();
        if (found.Where(setting => setting.Stops).Select(setting => setting.Message).ToList() is { Count: > 0 } unsafeSettings)
            throw new UnsafeSettingException($"Portal did not start: {string.Join(' ', unsafeSettings)} Then start Portal again.");
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UnsafeSettings));
        foreach (var setting in found)
            logger.LogWarning("Unsafe setting: {Advice}", setting.Message);
    }

    private static IEnumerable<UnsafeSetting> FindAddresses(IConfiguration configuration, List<string> open)
    {
        if (open.Count == 0)
            yield break;
        var allowsHttp = IsOn(configuration, AllowInsecureHttp);
        if (open.FirstOrDefault(address => !ListenAddresses.IsHttps(address)) is { } http && HttpsCertificate.ReadOptions(configuration) is null && !HasProxy(configuration))
            yield return allowsHttp
                ? new(false, $"{AllowInsecureHttp} is true: on {http}, passwords and keys are sent unencrypted.")
                : new(true, $"On {http}, passwords and keys would be sent unencrypted. Set {HttpsOptions.Section}:Certificate, or list your proxy that serves HTTPS in {TrustedProxies.SettingName}, or listen on {ListenAddresses.Default}. If the network encrypts, set {AllowInsecureHttp} to true.");
        if (AllowedHosts.Split(configuration[AllowedHosts.SettingName]) is [] or ["*"])
            yield return new(false, $"{AllowedHosts.SettingName} is *, so Portal answers under every name. Set it to the host names of Portal.");
    }

    private static bool HasProxy(IConfiguration configuration) => configuration.GetSection(TrustedProxies.SettingName).GetChildren().Any(entry => !string.IsNullOrEmpty(entry.Value));

    private static string? SecretOnCommandLine(IConfiguration configuration) => (
        from provider in ((IConfigurationRoot)configuration).Providers.OfType<CommandLineConfigurationProvider>()
        from section in configuration.GetChildren()
        from name in Leaves(section)
        where SecretNames.Contains(name.Split(':')[^1], StringComparer.OrdinalIgnoreCase) && !name.Equals(AllowPassword, StringComparison.OrdinalIgnoreCase) && provider.TryGet(name, out var value) && !string.IsNullOrEmpty(value) && (!name.Equals(DatabaseChoice.ConnectionStringSetting, StringComparison.OrdinalIgnoreCase) || HasPassword(value))
        select name).FirstOrDefault();

    private static bool HasPassword(string connectionString) =>
        ((string[])["password", "pwd"]).Any(name => connectionString.Contains(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Leaves(IConfigurationSection section) =>
        section.GetChildren().SelectMany(Leaves).Prepend(section.Path);

    private static string? FileInDataDirectory(IConfiguration configuration)
    {
        var folder = DataDirectory.PathOf(configuration[DataDirectory.SettingName]) + Path.DirectorySeparatorChar;
        return FileNames.Select(name => $"{KeyRingOptions.Section}:{name}").FirstOrDefault(
            name => configuration[name] is { Length: > 0 } path && Path.GetFullPath(path).StartsWith(folder, StringComparison.Ordinal));
    }

    private static bool IsOn(IConfiguration configuration, string name) =>
        configuration[name] is { } value && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));
}
