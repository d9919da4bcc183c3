using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Components.Shared;

namespace Portal.Tests.Support;

/// <summary>Shows pages in an area that reports failures, on a database that fails on request. Keys are shown only once.</summary>
public abstract class FailingPageContext : PageTestContext
{
    private readonly FailingDatabase _database = new();

    private protected FailingDatabase Database => _database;

    private protected override Dictionary<string, string?>? Settings => new() { ["Tokens:Reveal"] = "Once" };

    private protected override Action<IServiceCollection>? Registered => _database.Register;

    private protected async Task FailsAsync(IRenderedComponent<IComponent> page, Func<Task> action)
    {
        foreach (var failure in FailingDatabase.Failures)
        {
            _database.Fail(failure);
            await action();
            page.WaitForAssertion(() => Assert.Contains(ErrorMessages.For(failure, ""), Assert.Single(page.FindAll(".action-failure[role=alert]")).Words() + " ", StringComparison.Ordinal));
            _database.Recover();
        }
    }

    private protected static async Task SubmitAsync(IRenderedComponent<IComponent> page, int times = 1)
    {
        for (var i = 0; i < times; i++)
            await page.Find("form").SubmitAsync();
    }

    private protected IRenderedComponent<IComponent> Show<TPage>(string address, Role role, string? handle = null) where TPage : IComponent
    {
        SignIn(role);
        return Show<TPage>(address, handle);
    }

    /// <summary>Renders the page in an area, as the layout does.</summary>
    private protected IRenderedComponent<IComponent> Show<TPage>(string address, string? handle = null) where TPage : IComponent
    {
        Navigation.NavigateTo(address);
        return Render(outer =>
        {
            outer.OpenComponent<ActionArea>(0);
            outer.AddAttribute(1, nameof(ActionArea.ChildContent), (RenderFragment)(inner =>
            {
                inner.OpenComponent<TPage>(0);
                if (handle is not null)
                    inner.AddAttribute(1, "Handle", handle);
                inner.CloseComponent();
            }));
            outer.CloseComponent();
        });
    }
}
