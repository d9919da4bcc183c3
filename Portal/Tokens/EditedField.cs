namespace Portal.Tokens;

/// <summary>The codes of the fields that an edit can change, in audit entries and in requests for approval.</summary>
internal static class EditedField
{
    public const string Name = "name", ExternalId = "external_id", Description = "description", Owner = "owner", Contact = "contact", PerpetualReason = "perpetual_reason",
        NoticeDays = "notice_days", Modules = "modules", RateLimit = "rate_limit", MayOutlive = "may_outlive", Start = "starts";
}
