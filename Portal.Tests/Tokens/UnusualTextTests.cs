using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Texts that not every database can store are found or not, and cause no error.</summary>
public sealed class UnusualTextTests
{
    [Theory]
    [InlineData("\0")]
    [InlineData("a\0b")]
    [InlineData("\uD800")]
    [InlineData("a\uDC00b")]
    [InlineData("\uFFFF")]
    public async Task Read_TextOfAnyCharacters_IsAnswered(string text)
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();

        await portal.ListAsync(new TokenQuery { Search = text });
        Assert.Empty(await portal.ListAsync(new TokenQuery { ExtensionId = text }));
        Assert.Empty(await portal.ListAsync(new TokenQuery { CreatedBy = text }));
        Assert.Null(await portal.Reader.FindAsync(portal.Viewer, text, TestContext.Current.CancellationToken));
    }
}
