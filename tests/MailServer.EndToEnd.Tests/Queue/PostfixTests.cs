using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Queue;

/// <summary>Debian's Postfix as the receiver of our mail (in chunks, with DSN), and as a sender to us.</summary>
public sealed class PostfixTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [ClientFact("postfix")]
    public async Task Postfix_accepts_our_mail_in_chunks_and_refuses_one_recipient_of_three()
    {
        await using var server = await ServerProcess.CreateAsync();
        await using var postfix = await PostfixServer.StartAsync(server.Ports.Smtp);
        File.AppendAllText(server.ConfigFile, string.Create(CultureInfo.InvariantCulture, $$"""

            delivery:
              routes:
                - {domain: postfix.test, host: "127.0.0.1:{{postfix.Port}}"}
            """));
        var user = await server.AddUserAsync();
        await server.StartAsync();
        var subject = await RemoteMailHosts.SubmitAsync(server, user, "one@postfix.test", "refused@postfix.test", "two@postfix.test");
        await Eventually.BecomesTrueAsync(() => postfix.Mail.Contains(subject, StringComparison.Ordinal), "it arrives", Patience);
        await Eventually.BecomesTrueAsync(() => server.FilesWith("refused@postfix.test").Count > 0, "the notice comes", Patience);
        await Eventually.BecomesTrueAsync(() => Occurrences(postfix.Mail, subject) == 2, "both have it", Patience);
        Assert.Contains("delivered by 127.0.0.1", (await TraceAsync(server, subject)), StringComparison.Ordinal);
    }

    [ClientFact("postfix", "swaks")]
    public async Task Mail_from_Postfix_arrives_and_is_traced()
    {
        await using var server = await ServerProcess.StartNewAsync();
        await using var postfix = await PostfixServer.StartAsync(server.Ports.Smtp);
        var user = await server.AddUserAsync();
        var subject = TestMail.NewSubject();
        var port = postfix.Port.ToString(CultureInfo.InvariantCulture);
        (await ProgramRun.StartAsync("swaks", ["--server", "127.0.0.1", "--port", port, "--from", "someone@postfix.test", "--to", user, "--header", "Subject: " + subject])).Succeeded();
        await Eventually.BecomesTrueAsync(() => server.FilesWith(subject).Count == 1, "it arrives", Patience);
        var story = await TraceAsync(server, subject);
        Assert.Contains("accepted", story, StringComparison.Ordinal);
        Assert.Contains("under TLS", story, StringComparison.Ordinal);
        Assert.Contains("delivered to the mailbox", story, StringComparison.Ordinal);
        await server.KillAsync();
        await server.StartAsync();
        Assert.Contains("delivered to the mailbox", await TraceAsync(server, subject), StringComparison.Ordinal);
    }

    private static int Occurrences(string text, string word) => (text.Length - text.Replace("Subject: " + word, "", StringComparison.Ordinal).Length) / ("Subject: " + word).Length;

    /// <summary>Finds the trace by the Message-ID of the message with that subject.</summary>
    private static async Task<string> TraceAsync(ServerProcess server, string subject)
    {
        var log = Directory.EnumerateFiles(server.MaildirPath, "*", SearchOption.AllDirectories).FirstOrDefault(f => Path.GetFileName(f).Contains(",S=", StringComparison.Ordinal) && File.ReadAllText(f).Contains(subject, StringComparison.Ordinal))
            ?? throw new InvalidOperationException("no message with that subject");
        var message = await MimeKit.MimeMessage.LoadAsync(log);
        var id = message.Body is MimeKit.MultipartReport report
            ? ((MimeKit.MessagePart)report[2]).Message!.MessageId
            : message.MessageId;
        return (await server.CliAsync("queue", "trace", id!)).Succeeded().Output;
    }
}
