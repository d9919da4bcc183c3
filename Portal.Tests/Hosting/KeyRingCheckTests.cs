using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Hosting;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Hosting;

public sealed class KeyRingCheckTests
{
    [Fact]
    public async Task Run_KeyRingThatEncryptsNothing_StopsTheStartAndSaysWhatToDo()
    {
        await using var portal = await TestPortal.CreateAsync();
        var check = new KeyRingCheck(
            portal.Services.GetRequiredService<IKeyStore>(), new BrokenKeyRing(), portal.Services.GetRequiredService<SecretProtector>(),
            portal.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>(), NullLogger<KeyRingCheck>.Instance);

        var stopped = await Assert.ThrowsAsync<DataDirectoryException>(check.RunAsync);

        Assert.Contains("cannot be used (No key can be read): restore it from the backup", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(stopped.Message, StartupFailure.Describe(stopped));
    }

    private sealed class BrokenKeyRing : IDataProtectionProvider, IDataProtector
    {
        public IDataProtector CreateProtector(string purpose) => this;
        public byte[] Protect(byte[] plaintext) => throw new CryptographicException("No key can be read.");
        public byte[] Unprotect(byte[] protectedData) => throw new CryptographicException("No key can be read.");
    }
}
