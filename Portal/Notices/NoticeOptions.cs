using Microsoft.Extensions.Options;
using Portal.Localization;
using Portal.Tokens;

namespace Portal.Notices;

/// <summary>The section <c>Notices</c> of the configuration.</summary>
public sealed class NoticeOptions
{
    public const string Section = "Notices";

    /// <summary>The numbers of days before an expiration at which people are told. A token can have its own.</summary>
    public List<int> ExpiryDays { get; init => field = value ?? []; } = [];

    /// <summary>The number of days for which notices are kept at least.</summary>
    public int RetentionDays { get; init; } = 365;

    /// <summary>The language of mails to people who haven't chosen one.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The time zone of mails to people who haven't chosen one.</summary>
    public string TimeZone { get; init; } = "UTC";
}

/// <summary>Stops the start if a setting is invalid.</summary>
internal sealed class NoticeOptionsValidator : IValidateOptions<NoticeOptions>
{
    public ValidateOptionsResult Validate(string? name, NoticeOptions options)
    {
        var faults = new List<string>();
        if (options.ExpiryDays.Exists(days => days is < 0 or > NoticeDays.Largest))
            faults.Add($"Notices:ExpiryDays must be numbers from 0 to {NoticeDays.Largest}.");
        if (options.RetentionDays is < 31 or > 3650)
            faults.Add("Notices:RetentionDays must be 31 to 3650 days.");
        if (Languages.Find(options.Language) is null)
            faults.Add($"Notices:Language must be one of {string.Join(", ", Languages.All.Select(language => language.Name))}.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _))
            faults.Add($"Notices:TimeZone \"{options.TimeZone}\" must be the name of a time zone, such as Europe/Berlin.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
