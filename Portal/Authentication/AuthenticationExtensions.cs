namespace Portal.Authentication;

/// <summary>The door of this folder.</summary>
public static class AuthenticationExtensions
{
    public static void AddApiKeyAuthentication(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<CredentialCache>();

    /// <summary>Closes everything below the API's base path but to those who come with a key. Goes before routing.</summary>
    public static void UseApiGate(this IApplicationBuilder app) => app.UseMiddleware<ApiGate>();
}
