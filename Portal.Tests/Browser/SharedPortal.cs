using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>One Portal for the browser tests that only need tokens. Ada Reyes is its administrator.</summary>
/// <remarks>Starting a process and loading its first pages takes several seconds. The tests of a collection run one after the other, and each uses
/// different token names.</remarks>
public sealed class SharedPortal : IAsyncLifetime
{
    private PortalProcess? _process;
    private bool _isSetUp;

    internal PortalProcess Process => _process!;

    public async ValueTask InitializeAsync() => _process = await PortalProcess.StartAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    /// <summary>Opens a separate browser for Ada, who is signed in and sees the list of tokens.</summary>
    internal async Task<Visitor> ArriveAsync(Chromium chromium, bool narrow = false, bool dark = false)
    {
        var ada = await Visitor.ArriveAsync(chromium.Browser, Process, narrow, dark);
        if (_isSetUp)
            await ada.SignInAsync();
        else
            await ada.SetUpAsync(Process);
        _isSetUp = true;
        return ada;
    }
}
