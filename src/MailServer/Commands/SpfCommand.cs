using System.CommandLine;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Commands;

/// <summary><c>spf check IP FROM HELO</c>.</summary>
internal static class SpfCommand
{
    public static Command Create(CommandFactory factory) => CommandFactory.Group("spf", "Check whether an IP address may send mail for a domain (SPF).", Check(factory));

    private static Command Check(CommandFactory factory)
    {
        var address = new Argument<string>("IP") { Description = "The IP address of the sending host." };
        var sender = factory.AllowEmptyValue(new Argument<string>("FROM") { Description = "The envelope sender; '' or '<>' for none." });
        var helo = new Argument<string>("HELO") { Description = "The HELO name of the sending host." };
        return factory.Action(
            "check", "Evaluate the SPF record of the sender's domain and print each step.",
            ["spf check 192.0.2.1 alice@example.org mail.example.org"], [address, sender, helo, factory.Json], async (context, cancel) =>
            {
                var query = new SpfQuery(VerificationContext.Address(context.Get(address)), context.Get(helo), context.Get(sender).Trim('<', '>'))
                {
                    Receiver = context.Options.Server.Hostname,
                };
                var outcome = await new SpfEvaluator(VerificationContext.OpenResolver(context), context.Shell.Time).EvaluateAsync(query, cancel);
                var steps = outcome.Explanation is { } explanation ? outcome.Steps.Append($"explanation from the domain: {explanation}") : outcome.Steps;
                return VerificationContext.Report(context, VerificationContext.Name(outcome.Result), outcome.Domain, outcome.Reason, steps);
            });
    }
}
