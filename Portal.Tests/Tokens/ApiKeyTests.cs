using System.Text.Json;
using Portal.Tokens;

namespace Portal.Tests.Tokens;

public sealed class ApiKeyTests
{
    private const string Handle = "SU-160-984-311";
    private const string Secret = "f45bee7e79b10ff6eff67902ccb4f3d46724ceb8";
    private const string Key = Handle + ":" + Secret;

    [Theory]
    [InlineData("ApiKey " + Key)]
    [InlineData("apikey " + Key)]
    [InlineData("APIKEY " + Key)]
    [InlineData("ApiKey    " + Key)]
    [InlineData("ApiKey        " + Key)]
    public void TryParse_OfTheForm_FindsHandleAndSecret(string header)
    {
        Assert.True(ApiKey.TryParse(header, out var handle, out var secret));
        Assert.Equal(Handle, handle.ToString());
        Assert.Equal(Secret, secret.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("ApiKey")]
    [InlineData("ApiKey ")]
    [InlineData("ApiKey :")]
    [InlineData(Key)]
    [InlineData("ApiKey" + Key)]
    [InlineData("ApiKey\t" + Key)]
    [InlineData(" ApiKey " + Key)]
    [InlineData("ApiKey " + Key + " ")]
    [InlineData("ApiKey " + Key + "\n")]
    [InlineData("ApiKey " + Key + "0")]
    [InlineData("ApiKey               " + Key)]
    [InlineData("Bearer " + Key)]
    [InlineData("Basic U1UtMTYwOmY0NWI=")]
    [InlineData("ApiKey " + Key + ",ApiKey " + Key)]
    [InlineData("ApiKey " + Handle + ";" + Secret)]
    [InlineData("ApiKey " + Handle + "::" + Secret)]
    [InlineData("ApiKey " + Secret + ":" + Handle)]
    [InlineData("ApiKey SU-160-984-311:F45BEE7E79B10FF6EFF67902CCB4F3D46724CEB8")]
    [InlineData("ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ceb")]
    [InlineData("ApiKey SU-160-984-311:g45bee7e79b10ff6eff67902ccb4f3d46724ceb8")]
    [InlineData("ApiKey SU-160-984-311:f45bee7e79b10ff6eff67902ccb4f3d46724ce\u00b2\u00b3")]
    [InlineData("ApiKey su-160-984-311:" + Secret)]
    [InlineData("ApiKey SU-16O-984-311:" + Secret)]
    [InlineData("ApiKey SU_160_984_311:" + Secret)]
    [InlineData("ApiKey SU-\u0661\u0666\u0660-984-311:" + Secret)]
    [InlineData("ApiKey SU-\uff11\uff16\uff10-984-311:" + Secret)]
    [InlineData("ApiKe\u0443 " + Key)]
    [InlineData("Ap\u0131Key " + Key)]
    [InlineData("Api\u212aey " + Key)]
    public void TryParse_AnythingElse_IsRefused(string header) => Assert.False(ApiKey.TryParse(header, out _, out _));

    [Theory]
    [InlineData(0, "SU-000-000-000")]
    [InlineData(7, "SU-000-000-007")]
    [InlineData(160984311, "SU-160-984-311")]
    [InlineData(999_999_999, "SU-999-999-999")]
    public void HandleOf_AnyNumber_IsTheHandleAndBack(int number, string handle)
    {
        Assert.Equal(handle, ApiKey.HandleOf(number));
        Assert.Equal(number, ApiKey.NumberOf(handle));
    }

    [Fact]
    public void TryParse_EightKilobytes_IsRefused()
    {
        Assert.False(ApiKey.TryParse("ApiKey " + Key + new string('0', 8192), out _, out _));
        Assert.False(ApiKey.TryParse("ApiKey " + new string(' ', 8192) + Key, out _, out _));
        Assert.False(ApiKey.TryParse(new string('A', 8192), out _, out _));
    }

    [Theory]
    [InlineData("SU-000-000-000", true)]
    [InlineData("SU-160-984-311", true)]
    [InlineData("su-160-984-311", false)]
    [InlineData("SU-160-984-31", false)]
    [InlineData("SU-160-984-3111", false)]
    [InlineData("SU-160-984_311", false)]
    [InlineData("SU-160-984-31\u0661", false)]
    [InlineData("SU-160-984-31\0", false)]
    [InlineData("../../etc/passw", false)]
    [InlineData("", false)]
    public void IsHandle_Text_OnlyThreeGroupsOfThreeAsciiDigits(string text, bool expected) => Assert.Equal(expected, ApiKey.IsHandle(text));

    [Fact]
    public void CreateHandle_ManyTimes_IsAHandle() => Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(ApiKey.IsHandle(ApiKey.CreateHandle())));

    [Fact]
    public void Create_Twice_DiffersAndReadsBack()
    {
        var (one, other) = (ApiKey.Create(Handle), ApiKey.Create(Handle));

        Assert.NotEqual(one.ToHeaderValue(), other.ToHeaderValue());
        Assert.True(ApiKey.TryParse(one.ToHeaderValue(), out var handle, out var secret));
        var hash = new byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        Assert.Equal(one.Hash(), hash);
        Assert.NotEqual(one.Hash(), other.Hash());
    }

    [Fact]
    public void ComputeHash_KnownKey_IsSha256OfHandleColonSecret()
    {
        var hash = new byte[ApiKey.HashLength];
        ApiKey.ComputeHash(Handle, Secret, hash);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(Key)), hash);
    }

    [Fact]
    public void ToString_AndWhateverHoldsIt_HidesTheSecret()
    {
        var key = ApiKey.Create(Handle);
        var secret = key.ToHeaderValue()[^ApiKey.SecretLength..];

        string[] texts = [$"{key}", new TokenOutcome.Done(Handle, key).ToString(), new RevealOutcome.Shown(key).ToString(), JsonSerializer.Serialize(key)];

        Assert.All(texts, text => Assert.Contains(Handle, text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }
}
