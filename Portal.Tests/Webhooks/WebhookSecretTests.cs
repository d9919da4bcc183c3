using Microsoft.AspNetCore.Http;
using Portal.Webhooks;
using StandardWebhooks;

namespace Portal.Tests.Webhooks;

public sealed class WebhookSecretTests
{
    /// <summary>The example that the libraries of the specification test.</summary>
    [Fact]
    public void Sign_VectorOfTheSpecification_HasItsSignature()
    {
        var secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSecret.Sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""));
    }

    [Fact]
    public void Sign_Message_IsVerifiedByAnIndependentLibrary()
    {
        var secret = WebhookSecret.Create();
        const string Body = """{"type":"token.created","data":{"name":"Größe 日本"}}""";
        var headers = new HeaderDictionary(WebhookHeaders.Of([secret], "msg_1", TimeProvider.System.GetUtcNow(), Body)
            .ToDictionary(header => header.Key, header => new Microsoft.Extensions.Primitives.StringValues(header.Value)));

        new StandardWebhook(WebhookSecret.Write(secret)).Verify(Body, headers);
        Assert.ThrowsAny<Exception>(() => new StandardWebhook(WebhookSecret.Write(WebhookSecret.Create())).Verify(Body, headers));
        Assert.ThrowsAny<Exception>(() => new StandardWebhook(WebhookSecret.Write(secret)).Verify(Body + " ", headers));
    }

    [Fact]
    public void Create_Secret_HasThePrefixAndALengthThatTheSpecificationAllows()
    {
        var written = WebhookSecret.Write(WebhookSecret.Create());
        Assert.StartsWith("whsec_", written, StringComparison.Ordinal);
        Assert.InRange(Convert.FromBase64String(written["whsec_".Length..]).Length, 24, 64);
    }
}
