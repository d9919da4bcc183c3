using System.Net;
using Portal.Authentication.SharedLimits;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication.SharedLimits;

public sealed class LimitStoreOptionsTests
{
    private static readonly LimitStoreOptions.Validator Validator = new();

    [Theory]
    [InlineData("")]
    [InlineData("redis.internal")]
    [InlineData("redis.internal:6380,password=secret,ssl=true")]
    [InlineData("a.internal,b.internal,serviceName=primary")]
    [InlineData("!/run/redis.sock")]
    [InlineData("redis://redis.internal")]
    [InlineData("rediss://portal:secret@redis.internal:6380/3")]
    public void Validate_Connection_IsAccepted(string connection) =>
        Assert.True(Validator.Validate(null, new LimitStoreOptions { Store = connection }).Succeeded);

    [Theory]
    [InlineData("password=secret")]
    [InlineData("redis.internal,paswort=secret")]
    [InlineData("redis.internal:99999,password=secret")]
    [InlineData("https://user:secret@redis.internal")]
    [InlineData("redis://user:secret@")]
    [InlineData("redis://user:secret@redis.internal/first")]
    [InlineData("rediss://user:secret@redis.internal,ssl=true")]
    public void Validate_Unusable_IsRefusedWithoutTheSecret(string connection)
    {
        var result = Validator.Validate(null, new LimitStoreOptions { Store = connection });
        Assert.StartsWith("Portal:RateLimits:Store must contain a connection string such as", result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("{slot}")]
    public void Validate_Prefix_MustBeShortAndPlain(string prefix) =>
        Assert.StartsWith("Portal:RateLimits:Prefix must be 1 to 64", Validator.Validate(null, new LimitStoreOptions { Prefix = prefix }).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void Validate_File_IsRead()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "store");
        LimitStoreOptions options = new() { StoreFile = path };
        Assert.StartsWith("The file in Portal:RateLimits:StoreFile cannot be read", Validator.Validate(null, options).FailureMessage, StringComparison.Ordinal);
        File.WriteAllText(path, "password=secret\n");
        Assert.StartsWith("Portal:RateLimits:StoreFile must contain", Validator.Validate(null, options).FailureMessage, StringComparison.Ordinal);
        File.WriteAllText(path, "redis.internal,password=secret\n");
        Assert.True(Validator.Validate(null, options).Succeeded);
        options.Store = "redis.internal";
        Assert.Equal("Portal:RateLimits:Store and Portal:RateLimits:StoreFile are both set. Remove one of them.", Validator.Validate(null, options).FailureMessage);
    }

    [Fact]
    public void Parse_Address_SetsEachPart()
    {
        var options = StoreConnection.Parse("rediss://portal:a%40b@redis.internal/3")!;
        Assert.Equal((true, "portal", "a@b", 3), (options.Ssl, options.User, options.Password, options.DefaultDatabase));
        Assert.Equal(new DnsEndPoint("redis.internal", 6379), options.EndPoints.Single());
        Assert.False(options.AbortOnConnectFail);
    }
}
