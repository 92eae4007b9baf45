using System.CommandLine;
using MailServer.Domain;
using MailServer.Protocol.MessageAuthentication.Dkim;
using MailServer.Protocol.MessageAuthentication.Dmarc;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Commands;

/// <summary><c>dmarc check FILE</c>, and <c>dmarc report</c>.</summary>
internal static class DmarcCommand
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("dmarc", "Check a message against DMARC; show aggregate reports.", Check(factory), ReportCommands.Dmarc(factory));

    private static Command Check(CommandFactory factory)
    {
        var file = VerificationContext.FileArgument();
        var address = new Option<string>("--ip") { Description = "The IP address of the sending host. Without it SPF is not evaluated.", HelpName = "IP" };
        var sender = new Option<string>("--from") { Description = "The envelope sender.", HelpName = "ADDRESS" };
        var helo = new Option<string>("--helo") { Description = "The HELO name of the sending host.", HelpName = "NAME" };
        return factory.Action(
            "check", "Evaluate DMARC for each domain in From and print each step.",
            ["dmarc check message.eml", "dmarc check message.eml --ip 192.0.2.1 --from alice@example.org --helo mail.example.org"],
            [file, address, sender, helo, factory.Json], async (context, cancel) =>
            {
                var message = VerificationContext.ReadMessage(context, context.Get(file));
                var dns = VerificationContext.OpenResolver(context);
                var spf = context.Get(address) is { } ip
                    ? await new SpfEvaluator(dns, context.Shell.Time).EvaluateAsync(
                        new SpfQuery(VerificationContext.Address(ip), context.Get(helo) ?? "", context.Get(sender)?.Trim('<', '>')), cancel)
                    : null;
                var dkim = await new DkimVerifier(dns, context.Shell.Time, Limits.Default).VerifyAsync(message, cancel);
                var steps = new List<string>([.. spf?.Steps ?? [], .. VerificationContext.Describe(dkim)]);
                DmarcOutcome? strictest = null;
                foreach (var author in AuthorDomains.Find(message.Header).Take(Limits.Default.AuthorDomains))
                {
                    var outcome = await new DmarcEvaluator(dns).EvaluateAsync(author, spf, dkim, cancel);
                    steps.AddRange(outcome.Steps);
                    if (strictest is null || outcome.Disposition > strictest.Disposition) strictest = outcome;
                }

                if (strictest is null) return VerificationContext.Report(context, VerificationContext.Name(DmarcResult.PermError), "", "From contains no domain", steps);
                steps.Add($"requested policy: {VerificationContext.Name(strictest.Disposition)}");
                return VerificationContext.Report(context, VerificationContext.Name(strictest.Result), strictest.Domain, strictest.Reason, steps);
            });
    }
}
