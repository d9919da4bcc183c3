using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using Portal.Access;
using Portal.Data.Nodes;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>The base class of all components (see <c>_Imports.razor</c>): an event handler that fails is logged and reported in
/// the nearest <see cref="ActionArea"/>, and the component keeps its state.</summary>
/// <remarks>Otherwise Blazor would pass the exception to an error boundary, which discards its content, or end the circuit. A failure while a page
/// loads still goes to the layout's error boundary: there is no state to keep yet.</remarks>
public abstract partial class ActionComponent : ComponentBase, IHandleEvent
{
    /// <summary>The area that this component itself renders, captured with <c>@ref</c>; null if it reports to the surrounding one.</summary>
    protected ActionArea? Area { get; set; }

    [CascadingParameter]
    private ActionArea? Surrounding { get; set; }

    /// <summary>For the prompt, which few components ever need.</summary>
    [Inject]
    private IServiceProvider Services { get; set; } = default!;

    [Inject]
    private ILoggerFactory Loggers { get; set; } = default!;

    private ActionArea? Reports => Area ?? Surrounding;

    async Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem callback, object? argument)
    {
        Services.GetService<IUserActivity>()?.Note();
        // A new action clears the previous error; typing doesn't.
        if (argument is null or MouseEventArgs || argument.GetType() == typeof(EventArgs))
            Reports?.Clear();
        using var progress = new ConfirmationProgress(this);
        try
        {
            using var confirmation = ChangeConfirmation.Observe(progress);
            var action = WithProofAsync(() => callback.InvokeAsync(argument));
            if (!action.IsCompleted)
                StateHasChanged();
            await action;
            if (ConfirmationTexts.Warn(confirmation.Unconfirmed) is { } warning)
                Reports?.Show(warning);
        }
        catch (Exception exception) when (exception is not NavigationException)
        {
            await ReportAsync(exception);
        }

        StateHasChanged();
    }

    /// <summary>Runs an action. If it needs a recent proof of who the person is, asks for it and runs the action again. Event handlers run this way; call
    /// it for work outside them.</summary>
    protected async Task WithProofAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (ProofNeededException)
        {
            StateHasChanged();
            if (await Services.GetRequiredService<IProofPrompt>().AskAsync())
                await action();
        }
    }

    /// <summary>Logs a failure and shows it. For work outside event handlers.</summary>
    protected async Task ReportAsync(Exception exception)
    {
        // The tab is closed, so there is no one to report to.
        if (exception is JSDisconnectedException)
            return;
        LogFailure(exception);
        if (Reports is { } reports)
            reports.Show(ErrorMessages.For(exception, Texts.Error_InputIsKept));
        else
            await DispatchExceptionAsync(exception);
    }

    /// <summary>Removes the reported failure, because its cause is gone.</summary>
    protected void ClearReport() => Reports?.Clear();

    /// <summary>Logs a failure, unless it is a refusal. For components that show it themselves.</summary>
    protected void LogFailure(Exception exception)
    {
        if (exception is not (AccessDeniedException or SessionEndedException or ProofNeededException))
            LogFailed(Loggers.CreateLogger(GetType()), exception, GetType().Name);
    }

    /// <summary>Shows on how many nodes a change is in force, unless that takes only a moment.</summary>
    private sealed class ConfirmationProgress(ActionComponent component) : IProgress<ChangeProgress>, IDisposable
    {
        private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

        private readonly Lock _lock = new();
        private ChangeProgress _latest;
        private Timer? _timer;
        private bool _isShown, _ended;

        public void Report(ChangeProgress value)
        {
            lock (_lock)
            {
                _latest = value;
                if (!_ended && value.Confirmed < value.Nodes)
                    _timer ??= new Timer(_ => _ = component.InvokeAsync(Show), null, Moment, Moment);
            }
        }

        /// <summary>Called by the component, at the end of its event handler.</summary>
        public void Dispose()
        {
            lock (_lock)
            {
                _ended = true;
                _timer?.Dispose();
            }

            if (_isShown)
                component.Reports?.ShowProgress(null);
        }

        private void Show()
        {
            lock (_lock)
                if (_ended)
                    return;
            _isShown = true;
            component.Reports?.ShowProgress(ConfirmationTexts.Describe(_latest));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An action in {Component} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string component);
}
