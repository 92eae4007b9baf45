using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>A directory in a folder of its own, as the server has it open; <see cref="OpenAnother"/> is another process's.</summary>
public sealed class DirectoryFixture : IDisposable
{
    /// <summary>A hash that costs nothing, for tests that are not about its cost.</summary>
    public static PasswordHasherOptions Cheap { get; } = new() { MemoryKib = 64, Passes = 1, ScramIterations = 4096 };

    private static readonly StoredPassword s_password = new PasswordHasher(Cheap).Hash("correct horse 9");
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("directory-").FullName;

    public DirectoryFixture()
    {
        DatabasePath = Path.Combine(_folder, "data", "mail.db");
        Store = DirectoryStore.Open(DatabasePath, create: true, TimeProvider.System);
    }

    public string DatabasePath { get; }

    public DirectoryStore Store { get; }

    public IDirectoryAdministration Administration => Store.Administration;

    public DirectoryStore OpenAnother() => DirectoryStore.Open(DatabasePath, create: false, TimeProvider.System);

    public async Task<Account> AddAsync(string address)
    {
        var parsed = EmailAddress.Parse(address);
        if (!await Store.IsHostedAsync(parsed.Domain, default)) await Administration.AddDomainAsync(parsed.Domain, default);
        return await Administration.AddAccountAsync(parsed, s_password, default);
    }

    public async Task AliasAsync(string alias, params string[] targets) =>
        await Administration.AddAliasAsync(Alias(alias), [.. targets.Select(EmailAddress.Parse)], default);

    public async Task<RecipientResolution> ResolveAsync(string address) => await Store.ResolveAsync(EmailAddress.Parse(address), default);

    public static AliasAddress Alias(string text) => AliasAddress.TryParse(text, out var alias) ? alias : throw new FormatException(text);

    public static async Task<DirectoryRefusal> RefusalAsync(Func<ValueTask> change) =>
        (await Assert.ThrowsAsync<DirectoryException>(async () => await change())).Refusal;

    public void Dispose()
    {
        Store.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
    }
}
