using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Bulk.Screen;

/// <summary>The steps of the dialog.</summary>
internal enum BulkPhase
{
    Asking,
    Running,
    Finished,
}

/// <summary>Lists the selected tokens and what an action does to them, runs it, and shows a result for each.</summary>
public sealed partial class BulkDialog(BulkRunner runner, TokenService tokens, TimeProvider clock) : ActionComponent, IDisposable
{
    private readonly OverlapChoice _overlap = new();
    private BulkPhase _phase;
    private TokenAction _action = default!;
    private BulkList _list = default!;
    private BulkPlan _plan = default!;
    private ExpirationChoice _expiration = new();
    private string _typed = "", _owner = "";
    private string? _overlapFault, _expirationFault, _typedFault, _ownerFault;
    private bool _isRetry, _warned;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public TokenAction Action { get; set; } = default!;

    /// <summary>The number of tokens that the person selected.</summary>
    [Parameter, EditorRequired]
    public int Selected { get; set; }

    [Parameter, EditorRequired]
    public BulkList List { get; set; } = default!;

    /// <summary>Reads tokens again before another attempt.</summary>
    [Parameter, EditorRequired]
    public Func<TokenAction, IEnumerable<string>, Task<BulkList>> Load { get; set; } = default!;

    [Parameter, EditorRequired]
    public TokenOptions Options { get; set; } = default!;

    /// <summary>The possible owners, for Change owner.</summary>
    [Parameter]
    public IReadOnlyList<OwnerOption> Owners { get; set; } = [];

    /// <summary>The policy for the expiration that someone selects.</summary>
    [Parameter]
    public EffectivePolicy Policy { get; set; } = EffectivePolicy.None;

    /// <summary>Called before the first change.</summary>
    [Parameter]
    public Action? Changed { get; set; }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private bool IsShownOnce => Options.Reveal == RevealPolicy.Once;

    /// <summary>Zero: the current keys end immediately. Also zero if the entered text isn't a duration, which submitting reports.</summary>
    private TimeSpan Overlap => _action == TokenAction.Rotate ? _overlap.Duration ?? TimeSpan.Zero : TimeSpan.Zero;

    /// <summary>Whether programs fail that work now.</summary>
    private bool Breaks => _plan.RequestsPerDay > 0
        && (_action == TokenAction.Disable || _action == TokenAction.Delete || (_action == TokenAction.Rotate && _overlap.Duration == TimeSpan.Zero));

    private bool SetsExpiration => _action == TokenAction.Renew || _action == TokenAction.Shorten;

    private bool CanSubmit => _plan.Affected.Count > 0;

    private bool NeedsTyping => _action == TokenAction.Delete && CanSubmit && _plan.NeedsTyping;

    private bool HasUnsavedKeys => _keys.Count > 0 && !_saved;

    private bool WouldLose => _phase == BulkPhase.Running || HasUnsavedKeys;

    private string Title => _phase switch
    {
        BulkPhase.Asking when _list.AreTooMany => Texts.BulkDialog_TooManyTitle,
        BulkPhase.Asking when !CanSubmit => _action.Label,
        BulkPhase.Asking => BulkTexts.Question(_action, _plan.Affected.Count),
        BulkPhase.Running => BulkTexts.Running(_action, _total),
        _ => BulkTexts.Done(_action, CountOf(BulkState.Done), _rows.Count - CountOf(BulkState.Skipped)),
    };

    public void Dispose()
    {
        _disposed = true;
        // The circuit may be gone: the run ends after the current token, and nothing keeps the keys.
        _stop?.Cancel();
        _dropping?.Dispose();
        _keys.Clear();
        _rows.Clear();
        _former.Clear();
    }

    protected override void OnInitialized()
    {
        _action = Action;
        _expiration = new ExpirationChoice { Kind = ExpirationChoice.DefaultKind(Options.ExpirationPresets, Policy, Now) };
        Show(List);
        _owner = OwnerChoice.OfUser(Actor.Id).Code;
        _overlap.Kind = _plan.InUse > 0 ? OverlapChoice.OneDay : OverlapChoice.AtOnce;
    }

    private void Show(BulkList list)
    {
        (_list, _phase, _typed) = (list, BulkPhase.Asking, "");
        Replan();
    }

    private void Replan()
    {
        _overlapFault = _expirationFault = _typedFault = _ownerFault = null;
        _plan = BulkPlan.For(_list.Items, SetsExpiration ? _expiration.EndFrom(Now) : null, Now, _action == TokenAction.Shorten);
        // The title and the buttons describe it. MudDialog renders them outside this component, and only on request.
        Dialog.StateHasChanged();
    }

    private bool Check()
    {
        _overlapFault = _action == TokenAction.Rotate ? _overlap.Check() : null;
        _expirationFault = SetsExpiration ? _expiration.Check(Now) ?? (_expiration.Against(Policy, WholeSeconds.Of(Now)) is { } violation ? PolicyFaults.Of(violation).Message : null) : null;
        _typedFault = NeedsTyping && !IsTyped(_plan.Affected.Count) ? Texts.BulkDialog_TypeFault.With(_plan.Affected.Count) : null;
        _ownerFault = _action == TokenAction.ChangeOwner && OwnerChoice.Parse(_owner).Team is { } team ? TokenOwnerStore.CheckTeam(team) : null;
        return _overlapFault is null && _expirationFault is null && _typedFault is null && _ownerFault is null;
    }

    /// <summary>Accepts the number with and without group separators.</summary>
    private bool IsTyped(int count) =>
        string.Concat(_typed.Where(character => !char.IsPunctuation(character) && !char.IsWhiteSpace(character)))
            == count.ToString(CultureInfo.InvariantCulture);

    private void CloseByEscape(KeyboardEventArgs key)
    {
        if (key.Key == "Escape" && !WouldLose)
            Close();
    }

    /// <summary>Asks before the only way to get the new keys together is gone.</summary>
    private void Close()
    {
        if (_phase == BulkPhase.Asking && _rows.Count > 0)
        {
            // Back to the results of the earlier attempts.
            Finish();
        }
        else if (HasUnsavedKeys && !_warned)
        {
            _warned = true;
            Dialog.StateHasChanged();
        }
        else
        {
            Dialog.Close(DialogResult.Ok(true));
        }
    }

    private void KeepOpen(LocationChangingContext change)
    {
        if (!WouldLose)
            return;
        change.PreventNavigation();
        _warned = HasUnsavedKeys && _phase == BulkPhase.Finished;
        StateHasChanged();
        Dialog.StateHasChanged();
    }
}
