using System.Globalization;
using MailServer.EndToEnd.Tests.Server;
using MailServer.Network.Tests;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>
/// A separate Postfix with its own configuration, queue and port. It stores mail for <c>postfix.test</c> in files, and
/// relays all other mail to one port.
/// </summary>
public sealed class PostfixServer : IAsyncDisposable
{
    private const string Services = """
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        proxymap unix - - n - - proxymap
        proxywrite unix - - n - 1 proxymap
        smtp unix - - n - - smtp
        relay unix - - n - - smtp
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("postfix-").FullName;

    private PostfixServer(int port) => Port = port;

    public int Port { get; }

    private string Configuration => Path.Combine(_folder, "etc");

    public string Log => Path.Combine(_folder, "log");

    /// <summary>The messages received for <c>postfix.test</c>.</summary>
    public string Mail => File.Exists(Path.Combine(_folder, "mail", "inbox")) ? File.ReadAllText(Path.Combine(_folder, "mail", "inbox")) : "";

    /// <summary>The ports of the milters for incoming mail, in order.</summary>
    private IReadOnlyList<int> Milters { get; init; } = [];

    /// <param name="relay">The port for all other mail.</param>
    /// <param name="milters">The ports of the milters for incoming mail, in order.</param>
    public static async Task<PostfixServer> StartAsync(int relay, params int[] milters)
    {
        var postfix = new PostfixServer(FreePort.Take()) { Milters = milters };
        await postfix.ConfigureAsync(relay);
        await postfix.RunAsync("start");
        return postfix;
    }

    public async ValueTask DisposeAsync()
    {
        await ProgramRun.StartAsync("/usr/sbin/postfix", ["-c", Configuration, "stop"]);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ConfigureAsync(int relay)
    {
        // Its processes run as another user, who must be able to traverse the folder.
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        foreach (var name in (string[])["etc", "queue", "data", "mail"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        foreach (var name in (string[])["data", "mail"])
        {
            (await ProgramRun.StartAsync("/bin/chown", ["postfix", Path.Combine(_folder, name)])).Succeeded();
        }

        var user = (await ProgramRun.StartAsync("/usr/bin/id", ["-u", "postfix"])).Succeeded().Output.Trim();
        File.WriteAllText(Path.Combine(Configuration, "main.cf"), string.Create(CultureInfo.InvariantCulture, $"""
            compatibility_level = 3.6
            queue_directory = {_folder}/queue
            data_directory = {_folder}/data
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.postfix.test
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
            smtpd_recipient_restrictions = check_recipient_access inline:{"{"} refused@postfix.test=REJECT {"}"}
            disable_dns_lookups = yes
            smtp_host_lookup = native
            relayhost = [127.0.0.1]:{relay}
            alias_maps =
            virtual_mailbox_domains = postfix.test
            virtual_mailbox_maps = static:inbox
            virtual_mailbox_base = {_folder}/mail
            virtual_minimum_uid = 1
            virtual_uid_maps = static:{user}
            virtual_gid_maps = static:{user}
            maillog_file = {_folder}/log
            maillog_file_prefixes = {_folder}
            smtp_tls_security_level = may
            smtputf8_enable = yes
            smtpd_milters = {string.Join(", ", Milters.Select(m => $"inet:127.0.0.1:{m}"))}
            milter_default_action = tempfail

            """));
        File.WriteAllText(Path.Combine(Configuration, "master.cf"), string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port} inet n - n - - smtpd\n{Services}\n"));
    }

    private async Task RunAsync(string command) => (await ProgramRun.StartAsync("/usr/sbin/postfix", ["-c", Configuration, command])).Succeeded();
}
