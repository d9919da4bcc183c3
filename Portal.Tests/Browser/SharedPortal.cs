using Portal.Tests.Support;

namespace Portal.Tests.Browser;

/// <summary>One Portal for the browser tests that only need tokens. Ada Reyes is its administrator.</summary>
/// <remarks>Starting a process and loading its first pages takes several seconds. The tests of a collection run one after the other, and each uses
/// different token names.</remarks>
public sealed class SharedPortal : IAsyncLifetime
{
    private PortalProcess? _process;

    /// <summary>The cookies of Ada's first browser. With them, the others needn't sign in.</summary>
    private string? _session;

    internal PortalProcess Process => _process!;

    public async ValueTask InitializeAsync() => _process = await PortalProcess.StartAsync();

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    /// <summary>Opens a separate browser for Ada, who is signed in and sees the list of tokens.</summary>
    internal async Task<Visitor> ArriveAsync(BrowserEngine engine, bool narrow = false, bool dark = false)
    {
        var ada = await Visitor.ArriveAsync(engine, Process, narrow, dark, session: _session);
        if (_session is null)
        {
            await ada.SetUpAsync(Process);
            _session = await ada.Page.Context.StorageStateAsync();
        }
        else
        {
            await ada.Page.GotoAsync("tokens");
            await ada.Heading("Tokens").WaitForAsync();
        }

        return ada;
    }

    /// <summary>Invites a person, who joins in a browser of their own and sees the list of tokens.</summary>
    internal async Task<Visitor> JoinAsync(BrowserEngine engine, Visitor ada, string name, string email, string role)
    {
        await ada.Page.GotoAsync("users");
        await ada.ClickAsync("Invite user");
        await ada.Page.GetByLabel("Email").FillAsync(email);
        await ada.Page.GetByLabel(role).CheckAsync();
        await ada.ClickAsync("Create invitation link");
        var link = await ada.ReadLinkAsync();
        await ada.ClickAsync("Done");
        var person = await Visitor.ArriveAsync(engine, Process);
        await person.Page.GotoAsync(link);
        await person.Page.GetByLabel("Name").FillAsync(name);
        await person.Page.GetByLabel("Password").FillAsync(Visitor.Password);
        await person.ClickAsync("Join");
        await person.Heading("Tokens").WaitForAsync();
        return person;
    }
}
