using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Statistics;
using Portal.Tokens.Bulk.Screen;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Dialogs;

/// <summary>Applies an action, such as disabling, to a token and to selected tokens that were created with it. Then shows
/// the result for each.</summary>
public sealed partial class CreatedTokensDialog(TokenService tokens, StatisticsReader statistics, TimeProvider clock, ILogger<CreatedTokensDialog> logger)
{
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, long> _today = new Dictionary<string, long>();
    private readonly List<(string Name, string Handle, TokenOutcome.Done Done)> _undoable = [];
    private List<(string Name, bool Done, string Text)>? _results;
    private TypedName? _typed;
    private bool _busy, _isUndo;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>An action that is offered for created tokens: it has a <see cref="DescendantsOffer"/>.</summary>
    [Parameter, EditorRequired]
    public TokenAction Action { get; set; }

    [Parameter, EditorRequired]
    public TokenDetails Token { get; set; } = default!;

    /// <summary>The current use of the token.</summary>
    [Parameter, EditorRequired]
    public string Use { get; set; } = "";

    /// <summary>The name that the person must type; null: none.</summary>
    [Parameter]
    public string? Typed { get; set; }

    [Parameter, EditorRequired]
    public DescendantTokens Created { get; set; } = default!;

    /// <summary>Called once something has changed, regardless of how the dialog is closed.</summary>
    [Parameter]
    public Action? Changed { get; set; }

    /// <summary>Called if only the token itself was to be changed, and was. The dialog then closes without a list of results.</summary>
    [Parameter]
    public Action<TokenOutcome.Done>? DoneAlone { get; set; }

    private DescendantsTexts Offered => Action.Question!.Descendants!.Texts();

    private string Title => _results is null ? Action.Question!.Title.With(Token.Name) : TitleOf(_results);

    private string Legend => TextFormat.Count(Created.Tokens.Count, Offered.QuestionOne, Offered.QuestionOther);

    /// <param name="typed">See <see cref="Typed"/>.</param>
    /// <param name="doneAlone">Reports that only the token itself was changed.</param>
    /// <returns>Whether something may have changed.</returns>
    public static async Task<bool> RunAsync(
        IDialogService dialogs, Actor actor, TokenAction action, TokenDetails token, string use, DescendantTokens created, Action<TokenOutcome.Done> doneAlone,
        string? typed = null)
    {
        var changed = false;
        var dialog = await dialogs.ShowAsync<CreatedTokensDialog>(action.Label, new DialogParameters<CreatedTokensDialog>
        {
            { it => it.Actor, actor }, { it => it.Action, action }, { it => it.Token, token }, { it => it.Use, use }, { it => it.Created, created },
            { it => it.Changed, () => changed = true }, { it => it.DoneAlone, doneAlone }, { it => it.Typed, typed },
        });
        await dialog.Result;
        return changed;
    }

    protected override async Task OnInitializedAsync()
    {
        _today = await statistics.CountTodayOfEachAsync(Actor, [.. Created.Tokens.Where(token => token.LastUsedAt is not null).Select(token => token.Handle)]);
    }

    /// <summary>The title, which states only what was done.</summary>
    private string TitleOf(List<(string Name, bool Done, string Text)> results)
    {
        var done = results.Count(result => result.Done);
        return _isUndo ? BulkTexts.Done(Action.Undo!, done, results.Count)
            : done == 0 ? Offered.DoneNone
            : done == results.Count ? Offered.DoneAll
            : Offered.DoneSome.With(done, results.Count);
    }

    private string AboutOf(DescendantToken token)
    {
        var isDirect = token.CreatedBy == Token.Handle;
        if (token.LastUsedAt is not { } at)
            return isDirect
                ? Texts.CreatedTokensDialog_NeverUsed.With(token.Handle)
                : Texts.CreatedTokensDialog_CreatedWithNeverUsed.With(token.Handle, token.CreatedBy);
        var (ago, today) = (RelativeTime.Say(clock.GetUtcNow().UtcDateTime - at), _today.GetValueOrDefault(token.Handle));
        return isDirect
            ? (today == 1 ? Texts.CreatedTokensDialog_Used_One : Texts.CreatedTokensDialog_Used_Other).With(token.Handle, ago, today)
            : (today == 1 ? Texts.CreatedTokensDialog_CreatedWithUsed_One : Texts.CreatedTokensDialog_CreatedWithUsed_Other).With(token.Handle, token.CreatedBy, ago, today);
    }

    private void Choose(string handle, bool on)
    {
        if (on)
            _chosen.Add(handle);
        else
            _chosen.Remove(handle);
    }

    private void ChooseAll(bool on)
    {
        _chosen.Clear();
        if (on)
            _chosen.UnionWith(Created.Tokens.Select(token => token.Handle));
    }

    /// <summary>Changes the token itself first, so that it can't create other tokens meanwhile.</summary>
    private async Task SubmitAsync()
    {
        if (_busy || _typed?.Check() is false)
            return;
        await tokens.RequireAsync(Actor, Action);
        _busy = true;
        var results = new List<(string Name, TokenOutcome.Done? Done, string Text)> { await ChangeAsync(Token.Name, Token.Handle) };
        foreach (var token in Created.Tokens.Where(token => _chosen.Contains(token.Handle)))
            results.Add(await ChangeAsync(token.Name, token.Handle));
        if (Action.Undo is not null)
            _undoable.AddRange(results.Where(result => result.Done is { Version: not null, IsUnchanged: false }).Select(result => (result.Name, result.Done!.Handle, result.Done)));
        _busy = false;
        if (results is [(_, { } done, _)])
        {
            Dialog.Close(DialogResult.Ok(true));
            DoneAlone?.Invoke(done);
            return;
        }

        _results = [.. results.Select(result => (result.Name, result.Done is not null, result.Text))];
        // MudDialog renders the title outside this component, and only on request.
        Dialog.StateHasChanged();
    }

    /// <summary>Undoes what was done, except for tokens that someone has changed since.</summary>
    private async Task UndoAsync()
    {
        if (_busy || _undoable.Count == 0)
            return;
        await tokens.RequireAsync(Actor, Action.Undo!);
        (_busy, _isUndo) = (true, true);
        var results = new List<(string Name, TokenOutcome.Done? Done, string Text)>();
        foreach (var (name, handle, done) in _undoable)
            results.Add(await ChangeAsync(name, handle, new TokenActionArguments { Condition = VersionCondition.Only(done.Version!.Value), Former = done.Former }));
        _undoable.Clear();
        _results = [.. results.Select(result => (result.Name, result.Done is not null, result.Text))];
        _busy = false;
        Dialog.StateHasChanged();
    }

    /// <param name="undo">To undo the action; null: to run it.</param>
    /// <returns>The outcome if it succeeded, and a sentence that describes the result.</returns>
    private async Task<(string Name, TokenOutcome.Done? Done, string Text)> ChangeAsync(string name, string handle, TokenActionArguments? undo = null)
    {
        try
        {
            Changed?.Invoke();
            var action = undo is null ? Action : Action.Undo!;
            var outcome = await action.Run(tokens, Actor, handle, undo ?? new TokenActionArguments(), CancellationToken.None);
            return (name, outcome as TokenOutcome.Done, outcome switch
            {
                TokenOutcome.Done => undo is null ? Offered.DoneEach : Texts.CreatedTokensDialog_Undone,
                TokenOutcome.PreconditionFailed => Texts.BulkDialog_ChangedBeforeUndo,
                TokenOutcome.Refused refused => refused.Message,
                _ => Texts.CreatedTokensDialog_Gone,
            });
        }
        catch (Exception exception)
        {
            LogFailed(exception, Action, handle);
            return (name, null, ErrorMessages.For(exception, Texts.CreatedTokensDialog_AfterFailure));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Action} of {Handle} failed")]
    private partial void LogFailed(Exception exception, TokenAction action, string handle);
}
