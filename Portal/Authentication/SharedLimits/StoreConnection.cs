using System.Globalization;
using Portal.Secrets;
using StackExchange.Redis;

namespace Portal.Authentication.SharedLimits;

/// <summary>Reads and parses the connection string of the store.</summary>
internal static class StoreConnection
{
    private const int DefaultPort = 6379;

    /// <summary>The longest time to wait for a connection or a reply, in milliseconds, unless the connection string sets another one.</summary>
    private const int Patience = 1_000;

    /// <summary>The pause before the next attempt to connect, in milliseconds.</summary>
    private const int BetweenAttempts = 250;

    public static bool IsConfigured(LimitStoreOptions options) => !string.IsNullOrEmpty(options.Store) || !string.IsNullOrEmpty(options.StoreFile);

    /// <returns>Null: the connection string can't be used.</returns>
    /// <exception cref="SecretException">The file can't be read.</exception>
    public static ConfigurationOptions? Read(LimitStoreOptions options) => Parse(
        string.IsNullOrEmpty(options.StoreFile) ? options.Store : SecretFile.Read(options.StoreFile, $"{LimitStoreOptions.Section}:{nameof(LimitStoreOptions.StoreFile)}"));

    /// <param name="text">Options of StackExchange.Redis, or an address that begins with <c>redis://</c> or <c>rediss://</c> (TLS).</param>
    /// <returns>Null: the text is neither.</returns>
    public static ConfigurationOptions? Parse(string text)
    {
        try
        {
            var options = text.Contains("://", StringComparison.Ordinal) ? ParseAddress(text) : ConfigurationOptions.Parse(text);
            if (options is null || options.EndPoints.Count == 0)
                return null;
            // Portal starts without the store and connects when it is there. Commands fail at once meanwhile instead of waiting in a queue.
            (options.AbortOnConnectFail, options.BacklogPolicy) = (false, BacklogPolicy.FailFast);
            options.ReconnectRetryPolicy = new LinearRetry(BetweenAttempts);
            if (!text.Contains("connectTimeout=", StringComparison.OrdinalIgnoreCase))
                options.ConnectTimeout = Patience;
            if (!text.Contains("asyncTimeout=", StringComparison.OrdinalIgnoreCase))
                options.AsyncTimeout = Patience;
            options.ClientName ??= "Portal";
            return options;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static ConfigurationOptions? ParseAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("redis" or "rediss") || address.Host.Length == 0)
            return null;
        var options = new ConfigurationOptions { Ssl = address.Scheme == "rediss", EndPoints = { { address.Host, address.IsDefaultPort ? DefaultPort : address.Port } } };
        if (address.UserInfo.Split(':', 2) is [var user, var password])
            (options.User, options.Password) = (user.Length == 0 ? null : Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        if (address.AbsolutePath.Trim('/') is { Length: > 0 } database)
            options.DefaultDatabase = int.Parse(database, NumberStyles.None, CultureInfo.InvariantCulture);
        return options;
    }
}
