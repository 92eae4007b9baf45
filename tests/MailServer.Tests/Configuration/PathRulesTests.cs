using System.Diagnostics;
using MailServer.Configuration;

namespace MailServer.Tests.Configuration;

/// <summary>A file that the server writes is never one that another key names, nor one of its own, under whatever name.</summary>
public sealed class PathRulesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("paths-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string At(string name) => Path.Combine(_folder, name);

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var (written, _) in PathRules.Written(Everything("/srv")))
                foreach (var (read, _) in PathRules.Read(Everything("/srv"))) pairs.Add(written, read);
            return pairs;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_written_file_is_never_one_that_another_key_names(string written, string read)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        var options = Everything(_folder);
        var path = PathRules.Read(options).Single(r => r.Key == read).Path;
        File.WriteAllText(path, "secret");
        File.CreateSymbolicLink(At("link"), path);
        File.CreateSymbolicLink(At("chain"), "link");
        Directory.CreateSymbolicLink(At("elsewhere"), _folder);
        using (var made = Process.Start("ln", [path, At("hard")])) made.WaitForExit();
        foreach (var name in new[] { path, At("link"), At("chain"), At("hard"), Path.Combine(_folder, "elsewhere", Path.GetFileName(path)), Path.Combine(_folder, "sub", "..", Path.GetFileName(path)) })
        {
            var refusals = Refusals(With(options, written, name));
            Assert.True(refusals.Any(r => r.Key == written && r.Text.Contains(read, StringComparison.Ordinal)), $"{name}: {string.Join('\n', refusals)}");
        }

        Assert.Equal("secret", File.ReadAllText(path));
        Assert.Empty(Refusals(options));
    }

    [Fact]
    public void A_written_file_is_never_one_of_the_server_s_own()
    {
        foreach (var (written, _) in PathRules.Written(Everything(_folder)))
            foreach (var name in PathRules.OwnNames)
                foreach (var end in new[] { "", "-wal", "-shm", ".snapshot", ".part" })
                {
                    if (written == "storage.database_path" && name == "mail.db" && end.Length == 0) continue;
                    var refusals = Refusals(With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, written, Path.Combine(Data, name + end)));
                    Assert.True(refusals.Any(r => r.Key == written), $"{written}: {name}{end}");
                }
    }

    /// <summary>A key that names a file takes part in the comparison.</summary>
    [Fact]
    public void Every_key_that_names_a_file_is_compared()
    {
        var known = PathRules.Read(Everything("/srv")).Select(static r => r.Key).ToArray();
        foreach (var section in ConfigurationKeys.Sections.Values)
            foreach (var key in section.KeyNames.Where(static k => k.EndsWith("_file", StringComparison.Ordinal) || k.EndsWith("_hook", StringComparison.Ordinal))) Assert.Contains($"{section.Name}.{key}", known);
        foreach (var key in ConfigurationKeys.Domain.Where(static k => k.Name.EndsWith("_file", StringComparison.Ordinal))) Assert.Contains($"domains.0.{key.Name}", known);
        Assert.Contains("delivery.routes.0.password_file", known);
        Assert.Contains("the configuration file", known);
    }

    [Fact]
    public void A_rotated_log_replaces_no_other_file()
    {
        var options = Everything(_folder);
        options = options with { Logging = new LoggingOptions { Output = At("mail.log"), MaxSize = 1 << 20, Keep = 3 }, Tls = options.Tls with { KeyFile = At("mail.log.3") } };
        Assert.Contains(Refusals(options), static r => r.Key == "logging.output" && r.Text.Contains("tls.key_file", StringComparison.Ordinal));
        Assert.Empty(Refusals(options with { Logging = options.Logging with { Keep = 2 } }));
        Assert.Empty(Refusals(options with { Logging = options.Logging with { MaxSize = null } }));
    }

    [Fact]
    public void A_configured_directory_is_inside_no_other_of_the_server_s()
    {
        foreach (var inside in new[] { "maildir", "spool", "dkim", "wire", "acme" })
        {
            foreach (var (key, _) in PathRules.Filled(Everything(_folder)))
            {
                if ((key, inside) is ("tls.cache_dir", "acme") or ("storage.maildir_path", "maildir")) continue;
                var options = With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, key, Path.Combine(Data, inside, "x"));
                Assert.True(Refusals(options).Any(r => r.Key == key && r.Text.Contains($"is inside {Path.Combine(Data, inside)}", StringComparison.Ordinal)), $"{key} in {inside}");
            }

            foreach (var (key, _) in PathRules.Written(Everything(_folder)))
                Assert.Contains(Refusals(With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, key, Path.Combine(Data, inside, "x"))), r => r.Key == key);
        }
    }

    [Fact]
    public void Usual_places_are_accepted()
    {
        Assert.Empty(Refusals(new MailServerOptions()));
        Assert.Empty(Refusals(With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, "logging.output", Path.Combine(Data, "server.log"))));
        Assert.Empty(Refusals(With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, "storage.maildir_path", Data)));
        Assert.Empty(Refusals(With(new MailServerOptions { Storage = new StorageOptions { DataDir = Data } }, "tls.cache_dir", Data)));
        var pem = At("both.pem");
        Assert.Empty(Refusals(new MailServerOptions { Tls = new TlsOptions { CertFile = pem, KeyFile = pem } }));
    }

    /// <summary>A configuration that names every file, each in its own place.</summary>
    private static MailServerOptions Everything(string folder)
    {
        string At(string name) => Path.Combine(folder, name);
        return new MailServerOptions
        {
            ConfigurationFile = At("config.yaml"),
            Logging = new LoggingOptions { Output = At("server.log") },
            Storage = new StorageOptions { DataDir = At("data"), DatabasePath = At("accounts.db") },
            Tls = new TlsOptions { CertFile = At("cert.pem"), KeyFile = At("key.pem"), ExtraCaFile = At("ca.pem"), AcmeCaFile = At("acme-ca.pem"), AcmeHmacFile = At("hmac"), AcmeDnsHook = At("hook") },
            Delivery = new DeliveryOptions { RelayPasswordFile = At("relay"), Routes = [new RouteOptions { PasswordFile = At("route") }] },
            Cluster = new ClusterOptions { DatabaseFile = At("database"), TlsCertFile = At("node.pem"), TlsKeyFile = At("node.key"), TlsCaFile = At("nodes.pem") },
            Admin = new AdminOptions { MetricsTokenFile = At("metrics") },
            Domains = [new DomainOptions { Name = "example.org", DkimKeyFile = At("dkim.key") }],
        };
    }

    private static MailServerOptions With(MailServerOptions options, string key, string path) => key switch
    {
        "logging.output" => options with { Logging = options.Logging with { Output = path } },
        "storage.database_path" => options with { Storage = options.Storage with { DatabasePath = path } },
        "storage.maildir_path" => options with { Storage = options.Storage with { MaildirPath = path } },
        "tls.cache_dir" => options with { Tls = options.Tls with { CacheDir = path } },
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "not known to this test"),
    };

    private static List<(string Key, string Text)> Refusals(MailServerOptions options)
    {
        var refusals = new List<(string, string)>();
        PathRules.Check(options, (key, text) => refusals.Add((key, text)));
        return refusals;
    }
}
