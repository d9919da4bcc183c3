using System.Globalization;
using Portal.Catalog;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Approvals.Screen;

/// <summary>A value on one of the two sides.</summary>
/// <param name="Text">For a time, how far it is away.</param>
/// <param name="IsTime">Whether <paramref name="Time"/> is the value: null is never.</param>
internal sealed record ApprovalValue(string Text, DateTime? Time = null, bool IsTime = false);

/// <summary>A row with the present and the requested value.</summary>
/// <param name="Present">Null: the token doesn't exist yet, or the request no longer waits.</param>
internal sealed record ApprovalRow(string Label, ApprovalValue? Present, ApprovalValue Asked);

/// <summary>Compares a request with the token as it is now.</summary>
/// <param name="present">Null: it doesn't exist yet, or the request no longer waits.</param>
internal sealed class ApprovalComparison(ApprovalEntry request, TokenDetails? present, IReadOnlyList<OwnerOption> owners, ModuleCatalog catalog, DateTime now)
{
    private readonly ApprovalContent _content = request.Content ?? new();

    private bool IsNew => request.Kind == Audit.AuditAction.TokenCreated;

    private bool IsEdit => request.Kind == Audit.AuditAction.TokenUpdated;

    /// <summary>The rows that differ and, for a new token, those that have a value. What can need approval comes first.</summary>
    public IReadOnlyList<ApprovalRow> Rows() => IsNew || IsEdit ? [.. Modules(), .. Start(), .. Key(), .. Fields()] : [.. Key()];

    private IEnumerable<ApprovalRow> Fields()
    {
        var rate = RateLimitChoice.Restore(_content.RateLimit) is var limit && _content.SetsRateLimit && (limit.Own || !IsNew) ? limit.Describe() : null;
        (string Field, string Label, string? Present, string? Asked)[] fields =
        [
            (EditedField.Name, Texts.Token_Name, present?.Name, _content.Name.Trim()),
            ("", Texts.Token_Extension, IsNew ? null : "", IsNew ? catalog.FindExtension(request.ExtensionId)?.Title ?? request.ExtensionId : ""),
            (EditedField.ExternalId, Texts.Token_ExternalId, present?.ExternalId, _content.ExternalId),
            (EditedField.Description, Texts.Token_Description, present?.Description, _content.Description),
            (EditedField.Owner, Texts.Token_Owner, present?.Owner?.Name, _content.Owner is { } owner ? NameOf(owner) : present?.Owner?.Name),
            (EditedField.Contact, Texts.Token_Contact, present?.Contact, _content.Contact ?? present?.Contact),
            (EditedField.PerpetualReason, Texts.Token_PerpetualReason, present?.PerpetualReason, _content.PerpetualReason ?? present?.PerpetualReason),
            (EditedField.NoticeDays, Texts.NoticeDays_Label, NoticeDays.Write(present?.NoticeDays), _content.NoticeDays),
            (EditedField.RateLimit, Texts.Token_RateLimit, present?.RateLimit.Describe(), rate ?? present?.RateLimit.Describe()),
        ];
        return fields.Where(field => IsAsked(field.Field) && Clean(field.Asked) != Clean(field.Present) && (present is not null || Clean(field.Asked).Length > 0))
            .Select(field => new ApprovalRow(field.Label, present is null ? null : new ApprovalValue(Clean(field.Present)), new ApprovalValue(Clean(field.Asked))));
    }

    private IEnumerable<ApprovalRow> Modules()
    {
        var choice = present is null ? TokenService.GrantFor(IsNew ? catalog.FindExtension(request.ExtensionId) : null, _content.Choice) : _content.MergeModules(present.Choice);
        yield return new ApprovalRow(Texts.Token_Modules, present is null ? null : new ApprovalValue(Names(present.Choice)), new ApprovalValue(Names(choice)));
        if (present is { AllModules: false } && !choice.AllModules && choice.ModuleIds.Except(present.Choice.ModuleIds).ToList() is { Count: > 0 } added)
            yield return new ApprovalRow(Texts.Approval_Added, new ApprovalValue(""), new ApprovalValue(Names(new ModuleChoice(false, added))));
    }

    private IEnumerable<ApprovalRow> Start()
    {
        if (IsAsked(EditedField.Start) && _content.StartsAt is { } start && start != present?.StartsAt)
            yield return new ApprovalRow(Texts.Token_Starts, present?.StartsAt is { } planned ? new ApprovalValue("", planned, IsTime: true) : null, new ApprovalValue("", start, IsTime: true));
    }

    private IEnumerable<ApprovalRow> Key()
    {
        if (IsEdit)
            yield break;
        yield return new ApprovalRow(Texts.Token_Expires, present is null ? null : Moment(present.ExpiresAt), Moment(_content.ExpiresAt));
        if (request.Kind == TokenAction.Rotate.AuditCode)
            yield return new ApprovalRow(
                Texts.Approval_CurrentKey, null, new ApprovalValue(
                    _content.OverlapSeconds == 0 ? Texts.Approval_EndsAtOnce
                        : Texts.Approval_WorksFor.With(TimeSpan.FromSeconds(_content.OverlapSeconds).TotalHours.ToString("0.##", CultureInfo.CurrentCulture))));
    }

    private ApprovalValue Moment(DateTime? end) => new(
        end is { } moment && moment > now ? TextFormat.Count((int)Math.Ceiling((moment - now).TotalDays), Texts.Approval_InDays_One, Texts.Approval_InDays_Other) : "", end, IsTime: true);

    private string Names(ModuleChoice choice) => choice.AllModules ? Texts.Token_AllModules : string.Join(", ", choice.ModuleIds.Select(id => catalog.FindModule(id)?.Name ?? id));

    private string NameOf(string code) =>
        owners.FirstOrDefault(owner => owner.Code == code)?.Name ?? Data.OwnerChoice.Parse(code).Team ?? (code.Length == 0 ? Texts.Owner_None : request.RequestedByName);

    private bool IsAsked(string field) => IsNew || _content.Changes(field);

    private static string Clean(string? text) => text?.Trim() ?? "";
}
