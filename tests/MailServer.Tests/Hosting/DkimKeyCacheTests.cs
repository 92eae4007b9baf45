using MailServer.Configuration;
using MailServer.Domain.Health;
using MailServer.Hosting;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Tests.Hosting;

/// <summary>Keys that cannot be used are a problem for an administrator, and a reason not to send mail unsigned.</summary>
public sealed class DkimKeyCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;
    private readonly NodeProblems _problems = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_domain_without_keys_sends_unsigned_mail()
    {
        var cache = Cache();
        Assert.Empty(cache.Of("example.org"));
        Assert.True(cache.CanSign("example.org"));
        Assert.Empty(_problems.Current);
    }

    [Fact]
    public void A_domain_whose_only_key_is_unusable_cannot_sign_until_the_key_is_replaced()
    {
        var file = Write("example.org.mail.key", "junk");
        var cache = Cache();
        cache.CheckAll();
        var problem = Assert.Single(_problems.Current);
        Assert.Contains(file, problem.Text, StringComparison.Ordinal);
        Assert.Contains("mail from example.org is deferred", problem.Text, StringComparison.Ordinal);
        Assert.Contains("mailserver dkim generate --domain example.org", problem.Remedy, StringComparison.Ordinal);
        Assert.False(cache.CanSign("example.org"));
        Assert.True(cache.CanSign("other.test"));

        // A new owner or mode makes a file readable without a new time stamp.
        var stamp = File.GetLastWriteTimeUtc(file);
        Write("example.org.mail.key", Key("mail"));
        File.SetLastWriteTimeUtc(file, stamp);
        WaitUntil(() => cache.CanSign("example.org"));
        Assert.Single(cache.Of("example.org"));
        Assert.Empty(_problems.Current);
    }

    [Fact]
    public void A_domain_with_another_key_signs_with_that_one_and_the_problem_is_reported()
    {
        Write("example.org.mail.key", Key("mail"));
        Write("example.org.second.key", "junk");
        var cache = Cache();
        cache.CheckAll();
        Assert.True(cache.CanSign("example.org"));
        Assert.Equal("mail", Assert.Single(cache.Of("example.org")).Selector);
        Assert.Contains("is not signed with it", Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "dkim", "example.org.second.key"));
        WaitUntil(() => cache.CanSign("example.org") && _problems.Current.Count == 0);
    }

    [Fact]
    public void A_key_that_the_configuration_names_and_that_is_missing_is_a_problem()
    {
        var missing = Path.Combine(_folder, "keys", "my.key");
        var cache = Cache(new DomainOptions { Name = "example.org", DkimSelector = "s1", DkimKeyFile = missing });
        cache.CheckAll();
        Assert.False(cache.CanSign("example.org"));
        Assert.Contains(missing, Assert.Single(_problems.Current).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_that_the_configuration_names_and_that_was_retired_is_no_problem(bool hasSuccessor)
    {
        var named = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "keys")).FullName, "my.key");
        File.WriteAllText(named, Key("s1"));
        DkimKeyStore.Retire(new DkimKeyFile("example.org", "s1", DkimKeyState.Active, named));
        if (hasSuccessor) Write("example.org.second.key", Key("second"));
        var cache = Cache(new DomainOptions { Name = "example.org", DkimSelector = "s1", DkimKeyFile = named });
        cache.CheckAll();
        Assert.Empty(_problems.Current);
        Assert.True(cache.CanSign("example.org"));
        Assert.Equal(hasSuccessor ? 1 : 0, cache.Of("example.org").Count);
    }

    private DkimKeyCache Cache(params DomainOptions[] domains) =>
        new(new MailServerOptions { Storage = new StorageOptions { DataDir = _folder }, Domains = domains }, _problems);

    private string Write(string name, string text)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "dkim")).FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static string Key(string selector)
    {
        using var key = DkimKey.GenerateEd25519("example.org", selector);
        return key.ToPem();
    }

    // The cache looks at the files every two seconds.
    private static void WaitUntil(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)));
}
