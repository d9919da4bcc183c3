using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Components.Shared;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Shared;

namespace Portal.Tests.Tokens.Shared;

public sealed class StatusChipTests : BunitContext
{
    [Theory]
    [InlineData(TokenStatus.Active)]
    [InlineData(TokenStatus.Expiring)]
    [InlineData(TokenStatus.Revitalised)]
    [InlineData(TokenStatus.Expired)]
    [InlineData(TokenStatus.Pending)]
    [InlineData(TokenStatus.Inactive)]
    [InlineData(TokenStatus.Deleted)]
    public void Render_Status_IsAButtonThatItsMeaningDescribes(TokenStatus status)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddScoped<BrowserScript>();
        Services.AddSingleton(Options.Create(new TokenOptions { ExpiringWithinDays = 12 }));
        var chip = Render<StatusChip>(parameters => parameters.Add(it => it.Status, status)).Find("button");

        var meaning = Render<StatusTip>().Find($"[id='{chip.GetAttribute("aria-describedby")}']").Words();

        Assert.Equal(status.Describe(), chip.Words());
        Assert.Equal(status.Explain(12), meaning);
        Assert.Equal(status is TokenStatus.Active or TokenStatus.Expiring, meaning.Contains("12 days", StringComparison.Ordinal));
    }
}
