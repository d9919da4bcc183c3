namespace Portal.Hosting;

/// <summary>What a demonstration prints about itself, once.</summary>
internal sealed record DemoCredentials(string Email, string Password, string ApiKey)
{
    public string Describe(string address) => address + Email;
}

/// <summary>Fills an empty Portal for trying and for screenshots.</summary>
internal static class DemoData
{
    public static Task<DemoCredentials> CreateAsync(IServiceProvider services) => Task.FromResult(new DemoCredentials(services.ToString()!, "", ""));
}
