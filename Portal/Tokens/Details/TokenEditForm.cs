using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>A field that two people changed: what it was, what the other saved, what this one wants.</summary>
public sealed record EditConflict(TokenField Field, string Theirs, string Mine);

/// <summary>The values of the edit form, the changes that they make, and the conflicts with other updates.</summary>
public sealed class TokenEditForm
{
    private readonly ModuleCatalog _catalog;
    private TokenDetails _base;

    /// <summary>For each field, the saved value that this person's value replaces. After another person's save it is no longer
    /// what <see cref="_base"/> has, as long as a conflict is open.</summary>
    private readonly Dictionary<TokenField, string> _seen;

    public TokenEditForm(TokenDetails token, ModuleCatalog catalog)
    {
        (_base, _catalog) = (token, catalog);
        (Name, ExternalId, Description) = (token.Name, token.ExternalId ?? "", token.Description ?? "");
        Modules = ModuleSelection.Of(token.Choice);
        Rate = RateLimitInput.Of(token.RateLimit);
        MayOutlive = token.MayOutlive;
        (SeenVersion, _seen) = (token.Version, Values().ToDictionary(value => value.Field, value => value.Base));
    }

    public string Name { get; set; }
    public string ExternalId { get; set; }
    public string Description { get; set; }
    public ModuleSelection Modules { get; private set; }
    public RateLimitInput Rate { get; private set; }

    /// <summary>Whether keys that the token creates may end later than its own key.</summary>
    public bool MayOutlive { get; set; }

    /// <summary>The version that saving replaces.</summary>
    public Guid Version => _base.Version;

    /// <summary>The version that this user started to edit. It differs from <see cref="Version"/> after someone else has saved.</summary>
    public Guid SeenVersion { get; private set; }

    /// <summary>For each changed field, the saved value that this person saw, in a form that doesn't depend on the language.</summary>
    public IReadOnlyDictionary<TokenField, string> Seen() =>
        Values().Where(value => value.Base != value.Mine).ToDictionary(value => value.Field, value => _seen[value.Field]);

    public TokenEdit ToEdit() => new(Name, ExternalId, Description, Modules.ToChoice(), Rate.ToChoice(), MayOutlive == _base.MayOutlive ? null : MayOutlive);

    /// <summary>The changes that saving would make, as a sentence for each; empty if there are none.</summary>
    public IReadOnlyList<string> Changes() =>
        [.. Values().Where(value => value.Base != value.Mine).Select(value => Texts.TokenEditForm_Change.With(LabelOf(value.Field), value.BaseText, value.MineText))];

    /// <summary>Takes another person's save as the new ground. What only they changed becomes theirs; what only this
    /// person changed stays.</summary>
    /// <returns>What both changed, in different ways; the form still holds this person's values.</returns>
    public IReadOnlyList<EditConflict> Rebase(TokenDetails theirs)
    {
        var mine = Values();
        var ours = new TokenEditForm(theirs, _catalog);
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

        _base = theirs;
        return conflicts;
    }

    /// <summary>Takes up edits that were begun on an earlier version and then put into this form.</summary>
    /// <param name="seen">By field, the saved value at that time; a changed field without one counts as changed by others.</param>
    /// <returns>What others changed as well, in a different way; the form holds this person's values.</returns>
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

    /// <summary>Gives up this person's value of a field for the one that is saved.</summary>
    public void TakeSaved(TokenField field)
    {
        var saved = new TokenEditForm(_base, _catalog);
        TakeOver(field, saved._seen[field], saved);
    }

    private void TakeOver(TokenField field, string saved, TokenEditForm other)
    {
        Take(field, other);
        _seen[field] = saved;
    }

    private List<FieldValues> Values()
    {
        var choice = ModuleSelection.Of(_base.Choice);
        return
        [
            Typed(TokenField.Name, _base.Name, Name.Trim()),
            Typed(TokenField.ExternalId, _base.ExternalId ?? "", ExternalId.Trim()),
            Typed(TokenField.Description, _base.Description ?? "", Description.Trim()),
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
            case TokenField.MayOutlive:
                MayOutlive = other.MayOutlive;
                break;
            case TokenField.RateLimit:
                Rate = other.Rate;
                break;
            default:
                Modules = other.Modules;
                break;
        }
    }

    /// <summary>The label of a field of the form.</summary>
    internal static string LabelOf(TokenField field) => field switch
    {
        TokenField.Name => Texts.Token_Name,
        TokenField.ExternalId => Texts.Token_ExternalId,
        TokenField.Description => Texts.Token_Description,
        TokenField.RateLimit => Texts.Token_RateLimit,
        TokenField.MayOutlive => Texts.TokenEdit_MayOutlive,
        _ => Texts.Token_Permissions,
    };

    private static FieldValues Typed(TokenField field, string saved, string mine) => new(field, saved, mine, Show(saved), Show(mine));

    private string Code(ModuleSelection selection) => selection.AllModules
        ? TokenPermission.AllModules
        : string.Join(' ', _catalog.Modules.Select(module => module.Id).Where(selection.Contains));

    private static string Code(bool value) => value ? "yes" : "no";

    private string Describe(ModuleSelection selection) => selection.AllModules
        ? Texts.TokenEditForm_AllModules
        : string.Join(", ", _catalog.Modules.Where(module => selection.Contains(module.Id)).Select(module => module.Name));

    private static string YesNo(bool value) => value ? Texts.TokenEditForm_Yes : Texts.TokenEditForm_No;

    private static string Show(string value) => value.Length == 0 ? Texts.TokenEditForm_Empty : value;

    /// <summary>A field's saved value and this person's, to compare and to keep in the tab, and as they are shown.</summary>
    private sealed record FieldValues(TokenField Field, string Base, string Mine, string BaseText, string MineText);
}
