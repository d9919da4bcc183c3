using Microsoft.Extensions.Options;
using Portal.Secrets;

namespace Portal.Authentication.SharedLimits;

/// <summary>The section <c>Portal:RateLimits</c> of the configuration: the store through which nodes share the rate limits of tokens.</summary>
public sealed class LimitStoreOptions
{
    public const string Section = "Portal:RateLimits";

    private const int LongestPrefix = 64;

    /// <summary>The connection string of a server with the Redis protocol, for environment variables; empty: there is none.</summary>
    public string Store { get; set; } = "";

    /// <summary>A file whose first line is the connection string.</summary>
    public string StoreFile { get; set; } = "";

    /// <summary>Begins the keys in the store, so that several installations can use the same one.</summary>
    public string Prefix { get; set; } = "portal";

    /// <summary>Stops the start if the store can't be used. Messages don't contain the connection string, which may contain a password.</summary>
    internal sealed class Validator : IValidateOptions<LimitStoreOptions>
    {
        public ValidateOptionsResult Validate(string? name, LimitStoreOptions options) =>
            FaultOf(options) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;

        private static string? FaultOf(LimitStoreOptions options)
        {
            if (string.IsNullOrEmpty(options.Prefix) || options.Prefix.Length > LongestPrefix || !options.Prefix.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':'))
                return $"{Section}:{nameof(Prefix)} must be 1 to {LongestPrefix} letters, digits and -_.: characters.";
            if (!StoreConnection.IsConfigured(options))
                return null;
            if (!string.IsNullOrEmpty(options.Store) && !string.IsNullOrEmpty(options.StoreFile))
                return $"{Section}:{nameof(Store)} and {Section}:{nameof(StoreFile)} are both set. Remove one of them.";
            try
            {
                return StoreConnection.Read(options) is null
                    ? $"{Section}:{(string.IsNullOrEmpty(options.StoreFile) ? nameof(Store) : nameof(StoreFile))} must contain a connection string such as \"redis.example.com:6380,password=…,ssl=true\" or \"rediss://user:password@redis.example.com:6380\"."
                    : null;
            }
            catch (SecretException exception)
            {
                return exception.Message;
            }
        }
    }
}
