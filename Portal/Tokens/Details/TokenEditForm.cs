using System.Globalization;
using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>A field that two users changed, with the saved value of the other user and the value of this user.</summary>
public sealed record EditConflict(TokenField Field, string Theirs, string Mine);

/// <summary>The values of the edit form, the changes that they make, and the conflicts with other updates.</summary>
public sealed class TokenEditForm
{
    private readonly ModuleCatalog _catalog;
    private TokenDetails _base;

    /// <summary>For each field, the saved value that this user's value replaces. After another user has saved, it differs from the value in
    /// <see cref="_base"/> until the conflict is resolved.</summary>
    private readonly Dictionary<TokenField, string> _seen;

    public TokenEditForm(TokenDetails token, ModuleCatalog catalog)
    {
        (_base, _catalog) = (token, catalog);
        (Name, ExternalId, Description) = (token.Name, token.ExternalId ?? "", token.Description ?? "");
        (Owner, Contact, NoticeDays) = (token.Owner?.Code ?? "", token.Contact ?? "", Tokens.NoticeDays.Write(token.NoticeDays));
        Reason = token.PerpetualReason ?? "";
        Modules = ModuleSelection.Of(token.Choice);
        Rate = RateLimitInput.Of(token.RateLimit);
        Start = new StartChoice { Planned = token.StartsAt };
        MayOutlive = token.MayOutlive;
        (SeenVersion, _seen) = (token.Version, Values().ToDictionary(value => value.Field, value => value.Base));
    }

    public string Name { get; set; }
    public string ExternalId { get; set; }
    public string Description { get; set; }

    /// <summary>The code of the owner; empty: none, or a removed user.</summary>
    public string Owner { get; set; }

    public string Contact { get; set; }

    /// <summary>Why the token has no expiration.</summary>
    public string Reason { get; set; }

    /// <summary>The days of notice as typed, see <see cref="Tokens.NoticeDays"/>.</summary>
    public string NoticeDays { get; set; }
    public ModuleSelection Modules { get; private set; }
    public RateLimitInput Rate { get; private set; }

    /// <summary>The start of a pending token.</summary>
    public StartChoice Start { get; private set; }

    /// <summary>Whether keys that the token creates may end later than its own key.</summary>
    public bool MayOutlive { get; set; }

    /// <summary>The possible owners, for their names.</summary>
    public IReadOnlyList<OwnerOption> Owners { get; init; } = [];

    /// <summary>Whether the saved token hasn't started yet.</summary>
    public bool IsPending => _base.StartsAt is not null;

    /// <summary>The version that saving replaces.</summary>
    public Guid Version => _base.Version;

    /// <summary>The version that this user started to edit. It differs from <see cref="Version"/> after someone else has saved.</summary>
    public Guid SeenVersion { get; private set; }

    /// <summary>For each changed field, the saved value that this user saw, independent of the language.</summary>
    public IReadOnlyDictionary<TokenField, string> Seen() =>
        Values().Where(value => value.Base != value.Mine).ToDictionary(value => value.Field, value => _seen[value.Field]);

    public TokenEdit ToEdit() => new(Name, ExternalId, Description, Modules.ToChoice(), Rate.ToChoice(), MayOutlive == _base.MayOutlive ? null : MayOutlive)
    {
        Owner = Owner == CodeOf(_base) ? null : OwnerChoice.Parse(Owner), Contact = Contact,
        PerpetualReason = Reason.Trim() == (_base.PerpetualReason ?? "") ? null : Reason, NoticeDays = NoticeDays,
        StartsAt = IsPending ? Start.Start : null,
    };

    /// <summary>The error of a start that isn't complete; null: none. The service checks the rest.</summary>
    public string? CheckStart(DateTime now) => IsPending ? Start.Check(now, _base.ExpiresAt) : null;

    /// <summary>Describes the changes that saving would make, one sentence each; empty: none.</summary>
    public IReadOnlyList<string> Changes() =>
        [.. Values().Where(value => value.Base != value.Mine).Select(value => Texts.TokenEditForm_Change.With(LabelOf(value.Field), value.BaseText, value.MineText))];

    /// <summary>Bases the form on a version that another user saved. Fields that only the other user changed get the saved value; fields that
    /// only this user changed are kept.</summary>
    /// <returns>The fields that both changed to different values. The form keeps this user's values.</returns>
    public IReadOnlyList<EditConflict> Rebase(TokenDetails theirs)
    {
        var mine = Values();
        var ours = new TokenEditForm(theirs, _catalog) { Owners = Owners };
        var conflicts = new List<EditConflict>();
        var theirValues = ours.Values();
        for (var i = 0; i < mine.Count; i++)
        {
            var (value, theirValue) = (mine[i], theirValues[i]);
            if (value.Mine == value.Base)
                TakeOver(value.Field, theirValue.Mine, ours);
            else if (theirValue.Mine != value.Base && theirValue.Mine != value.Mine)
                conflicts.Add(new EditConflict(value.Field, theirValue.MineText, value.MineText));
        }

        (_base, Start) = (theirs, Start.After(theirs.StartsAt));
        return conflicts;
    }

    /// <summary>Continues edits that were started on an earlier version and then applied to this form.</summary>
    /// <param name="seen">The saved values at that time, by field. A changed field without one counts as changed by others.</param>
    /// <returns>The fields that others also changed, to different values. The form keeps this user's values.</returns>
    public IReadOnlyList<EditConflict> Resume(Guid version, IReadOnlyDictionary<TokenField, string> seen)
    {
        SeenVersion = version;
        var conflicts = new List<EditConflict>();
        foreach (var value in Values().Where(value => value.Base != value.Mine))
        {
            var before = seen.GetValueOrDefault(value.Field);
            _seen[value.Field] = before ?? "";
            if (before != value.Base)
                conflicts.Add(new EditConflict(value.Field, value.BaseText, value.MineText));
        }

        return conflicts;
    }

    /// <summary>Replaces this user's value of a field with the saved value.</summary>
    public void TakeSaved(TokenField field)
    {
        var saved = new TokenEditForm(_base, _catalog) { Owners = Owners };
        TakeOver(field, saved._seen[field], saved);
    }

    private void TakeOver(TokenField field, string saved, TokenEditForm other)
    {
        Take(field, other);
        _seen[field] = saved;
    }

    private DateTime? WantedStart => IsPending ? Start.Start ?? _base.StartsAt : null;

    private List<FieldValues> Values()
    {
        var choice = ModuleSelection.Of(_base.Choice);
        return
        [
            Typed(TokenField.Name, _base.Name, Name.Trim()),
            Typed(TokenField.ExternalId, _base.ExternalId ?? "", ExternalId.Trim()),
            Typed(TokenField.Description, _base.Description ?? "", Description.Trim()),
            new(TokenField.Owner, CodeOf(_base), OwnerChoice.Parse(Owner).Code, DescribeOwner(CodeOf(_base)), DescribeOwner(Owner)),
            Typed(TokenField.Contact, _base.Contact ?? "", Contact.Trim()),
            Typed(TokenField.PerpetualReason, _base.PerpetualReason ?? "", Reason.Trim()),
            Typed(TokenField.NoticeDays, Tokens.NoticeDays.Write(_base.NoticeDays), NoticeDays.Trim()),
            new(TokenField.Start, Code(_base.StartsAt), Code(WantedStart), Show(_base.StartsAt), Show(WantedStart)),
            new(TokenField.Permissions, Code(choice), Code(Modules), Show(Describe(choice)), Show(Describe(Modules))),
            new(TokenField.RateLimit, _base.RateLimit.Code, Rate.ToChoice().Code, _base.RateLimit.Describe(), Rate.Describe()),
            new(TokenField.MayOutlive, Code(_base.MayOutlive), Code(MayOutlive), YesNo(_base.MayOutlive), YesNo(MayOutlive)),
        ];
    }

    private void Take(TokenField field, TokenEditForm other)
    {
        switch (field)
        {
            case TokenField.Name:
                Name = other.Name;
                break;
            case TokenField.ExternalId:
                ExternalId = other.ExternalId;
                break;
            case TokenField.Description:
                Description = other.Description;
                break;
            case TokenField.Owner:
                Owner = other.Owner;
                break;
            case TokenField.Contact:
                Contact = other.Contact;
                break;
            case TokenField.PerpetualReason:
                Reason = other.Reason;
                break;
            case TokenField.NoticeDays:
                NoticeDays = other.NoticeDays;
                break;
            case TokenField.MayOutlive:
                MayOutlive = other.MayOutlive;
                break;
            case TokenField.RateLimit:
                Rate = other.Rate;
                break;
            case TokenField.Start:
                Start = other.Start;
                break;
            case TokenField.Permissions:
                Modules = other.Modules;
                break;
            default:
                throw NotInForm(field);
        }
    }

    /// <summary>The label of a field in the form.</summary>
    internal static string LabelOf(TokenField field) => field switch
    {
        TokenField.Name => Texts.Token_Name,
        TokenField.ExternalId => Texts.Token_ExternalId,
        TokenField.Description => Texts.Token_Description,
        TokenField.Owner => Texts.Token_Owner,
        TokenField.Contact => Texts.Token_Contact,
        TokenField.PerpetualReason => Texts.Token_PerpetualReason,
        TokenField.NoticeDays => Texts.NoticeDays_Label,
        TokenField.RateLimit => Texts.Token_RateLimit,
        TokenField.MayOutlive => Texts.TokenEdit_MayOutlive,
        TokenField.Start => Texts.Token_Starts,
        TokenField.Permissions => Texts.Token_Permissions,
        _ => throw NotInForm(field),
    };

    private static ArgumentOutOfRangeException NotInForm(TokenField field) => new(nameof(field), field, null);

    private static FieldValues Typed(TokenField field, string saved, string mine) => new(field, saved, mine, Show(saved), Show(mine));

    private string Code(ModuleSelection selection) => selection.AllModules
        ? TokenPermission.AllModules
        : string.Join(' ', _catalog.Modules.Select(module => module.Id).Where(selection.Contains));

    private static string CodeOf(TokenDetails token) => token.Owner?.Code ?? "";

    private string DescribeOwner(string code) =>
        Owners.FirstOrDefault(owner => owner.Code == code)?.Name ?? (code == CodeOf(_base) ? _base.Owner?.Name : OwnerChoice.Parse(code).Team) ?? Texts.Owner_None;

    private static string Code(DateTime? start) => start?.ToString("O", CultureInfo.InvariantCulture) ?? "";

    private static string Show(DateTime? start) => start is { } at ? Texts.UnsavedDraftFields_Moment.With(ReaderDate.Write(DateOnly.FromDateTime(at)), at) : Show("");

    private static string Code(bool value) => value ? "yes" : "no";

    private string Describe(ModuleSelection selection) => selection.AllModules
        ? Texts.TokenEditForm_AllModules
        : string.Join(", ", _catalog.Modules.Where(module => selection.Contains(module.Id)).Select(module => module.Name));

    private static string YesNo(bool value) => value ? Texts.TokenEditForm_Yes : Texts.TokenEditForm_No;

    private static string Show(string value) => value.Length == 0 ? Texts.TokenEditForm_Empty : value;

    /// <summary>The saved value of a field and this user's value, both for comparing and storing, and for display.</summary>
    private sealed record FieldValues(TokenField Field, string Base, string Mine, string BaseText, string MineText);
}
