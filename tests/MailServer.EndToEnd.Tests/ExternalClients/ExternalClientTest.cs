using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.ExternalClients;

/// <summary>Common parts of tests with external programs: a folder for their configuration, an account, ports as text.</summary>
[Collection(SharedClientServerCollection.Name)]
public abstract class ExternalClientTest : IAsyncLifetime
{
    protected ExternalClientTest(SharedServer shared)
    {
        Server = shared.Server;
        Smtp = Text(Server.Ports.Smtp);
        Submission = Text(Server.Ports.Submission);
        Submissions = Text(Server.Ports.Submissions);
        Imap = Text(Server.Ports.Imap);
        Imaps = Text(Server.Ports.Imaps);
        ManageSieve = Text(Server.Ports.ManageSieve);
    }

    protected ServerProcess Server { get; }

    protected string Smtp { get; }

    protected string Submission { get; }

    protected string Submissions { get; }

    protected string Imap { get; }

    protected string Imaps { get; }

    protected string ManageSieve { get; }

    /// <summary>The home directory of the program: the configuration of the machine is neither read nor changed.</summary>
    protected string Home { get; } = Directory.CreateTempSubdirectory("client-").FullName;

    protected string User { get; private set; } = "";

    protected string Subject { get; } = TestMail.NewSubject();

    public async Task InitializeAsync() => User = await Server.AddUserAsync();

    public Task DisposeAsync()
    {
        Directory.Delete(Home, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Runs a program in <see cref="Home"/> and expects exit code 0.</summary>
    protected async Task<ProgramRun> RunAsync(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? timeout = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = Home, ["TERM"] = "xterm", ["LC_ALL"] = "C.UTF-8" };
        return (await ProgramRun.StartAsync(program, arguments, input, Home, environment, timeout ?? TimeSpan.FromSeconds(90))).Succeeded();
    }

    /// <summary>Writes a private configuration file, as most of these programs demand.</summary>
    protected string Configure(string name, string content)
    {
        var file = Path.Combine(Home, name);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
