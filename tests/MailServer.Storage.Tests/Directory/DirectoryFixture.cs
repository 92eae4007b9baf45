using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Tests.Directory;

/// <summary>A separate directory, opened like the server does; <see cref="OpenAnother"/> opens it like another process.</summary>
public abstract class DirectoryFixture : IDisposable
{
    /// <summary>A cheap hash, for tests that do not depend on its cost.</summary>
    public static PasswordHasherOptions Cheap { get; } = new() { MemoryKib = 64, Passes = 1, ScramIterations = 4096 };

    private static readonly StoredPassword Password = new PasswordHasher(Cheap).Hash("correct horse 9");

    public abstract IDirectoryStore Store { get; }

    /// <summary>The directory of the account folders.</summary>
    public string MaildirPath { get; } = System.IO.Directory.CreateTempSubdirectory("folders-").FullName;

    public AccountFolders Folders => new(MaildirPath);

    public IDirectoryAdministration Administration => Store.Administration;

    public abstract IDirectoryStore OpenAnother();

    /// <summary>Waits until all processes have seen the changes.</summary>
    public abstract Task HeardAsync();

    public async Task<Account> AddAsync(string address)
    {
        var parsed = EmailAddress.Parse(address);
        if (!await Store.IsHostedAsync(parsed.Domain, default)) await Administration.AddDomainAsync(parsed.Domain, default);
        return await Administration.AddAccountAsync(parsed, Password, default);
    }

    public async Task AliasAsync(string alias, params string[] targets) =>
        await Administration.AddAliasAsync(Alias(alias), [.. targets.Select(EmailAddress.Parse)], default);

    public async Task<RecipientResolution> ResolveAsync(string address) => await Store.ResolveAsync(EmailAddress.Parse(address), default);

    public static AliasAddress Alias(string text) => AliasAddress.TryParse(text, out var alias) ? alias : throw new FormatException(text);

    public static Task<DirectoryRefusal> RefusalAsync<T>(Func<ValueTask<T>> change) => RefusalAsync(async ValueTask () => await change());

    public static async Task<DirectoryRefusal> RefusalAsync(Func<ValueTask> change) =>
        (await Assert.ThrowsAsync<DirectoryException>(async () => await change())).Refusal;

    public abstract void Dispose();
}
