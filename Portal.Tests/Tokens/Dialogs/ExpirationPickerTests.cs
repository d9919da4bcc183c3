using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Components.Shared;
using Portal.Tests.Support;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class ExpirationPickerTests : BunitContext
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    public ExpirationPickerTests()
    {
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        Services.AddScoped<BrowserScript>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Render_Default_OffersPresetsCustomAndPerpetualAndShowsTheResultingMoment()
    {
        var picker = RenderPicker(new ExpirationChoice());

        Assert.Equal(["30 days", "90 days", "Custom date", "Perpetual"], picker.Texts("label.choice"));
        Assert.Equal(["90 days"], picker.Picked("radio"));
        Assert.Equal("When does the key expire?", picker.Find("legend").TextContent);
        Assert.Equal("2030-04-15T12:00:00.0000000Z", picker.Find(".result-line local-time").GetAttribute("datetime"));
        Assert.Empty(picker.FindAll("input[type=datetime-local]"));
    }

    [Fact]
    public void Change_Perpetual_SaysThatTheKeyNeverExpires()
    {
        var choice = new ExpirationChoice();
        var picker = RenderPicker(choice);

        picker.Field("Perpetual").Change("perpetual");

        Assert.Equal(ExpirationChoice.Perpetual, choice.Kind);
        Assert.StartsWith("The key never expires.", picker.Find("[role=status]").Words(), StringComparison.Ordinal);
    }

    [Fact]
    public void Change_CustomDate_AsksTheBrowserWhatItMeansAndShowsIt()
    {
        JSInterop.Setup<string?>("portal.toUtc", "2030-02-01T09:00").SetResult("2030-02-01T08:00:00.000Z");
        var (choice, told) = (new ExpirationChoice(), 0);
        var picker = RenderPicker(choice, changed: () => told++);

        picker.Field("Custom date").Change("custom");
        Assert.Equal("Choose a date to see when the key expires.", picker.Find("[role=status]").Words());
        picker.Field("Date and time").Change("2030-02-01T09:00");

        Assert.Equal(new DateTime(2030, 2, 1, 8, 0, 0, DateTimeKind.Utc), choice.EndFrom(Now));
        Assert.Equal("2030-02-01T08:00:00.0000000Z", picker.Find(".result-line local-time").GetAttribute("datetime"));
        Assert.Equal(2, told);
    }

    [Fact]
    public void Render_FaultOfACustomDate_StandsAtTheField()
    {
        var picker = RenderPicker(new ExpirationChoice { Kind = ExpirationChoice.Custom }, "Enter a date and a time.");

        Assert.Equal("Enter a date and a time.", picker.FaultOf("Date and time"));
        Assert.Equal("alert", picker.Find("#expiration-fault").GetAttribute("role"));
    }

    [Fact]
    public void Render_KeepOffered_ComesFirstAndShowsThePresentEnd()
    {
        var picker = Render<ExpirationPicker>(parameters => parameters
            .Add(it => it.Choice, new ExpirationChoice { Kind = ExpirationChoice.Keep, Present = Now.AddDays(3) })
            .Add(it => it.Presets, ["30 days"]).Add(it => it.OfferKeep, true).Add(it => it.OfferPerpetual, false));

        Assert.Equal(["As it is now", "30 days", "Custom date"], picker.Texts("label.choice"));
        Assert.Equal(["As it is now"], picker.Picked("radio"));
        Assert.Equal("2030-01-18T12:00:00.0000000Z", picker.Find(".result-line local-time").GetAttribute("datetime"));
    }

    private IRenderedComponent<ExpirationPicker> RenderPicker(ExpirationChoice choice, string? fault = null, Action? changed = null) =>
        Render<ExpirationPicker>(parameters => parameters
            .Add(it => it.Choice, choice).Add(it => it.Presets, ["30 days", "90 days"]).Add(it => it.Fault, fault).Add(it => it.Changed, () => changed?.Invoke()));
}
