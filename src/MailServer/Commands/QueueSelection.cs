using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Delivery;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>The options that select queued messages; each one given must hold.</summary>
internal sealed class QueueSelection
{
    private readonly Option<string> _to = new("--to") { Description = "Only mail that waits for this recipient; * stands for any text.", HelpName = "ADDRESS" };
    private readonly Option<string> _from = new("--from") { Description = "Only mail of this sender; * stands for any text, '<>' for bounces.", HelpName = "ADDRESS" };
    private readonly Option<string> _domain = new("--domain") { Description = "Only mail that waits for recipients in this domain.", HelpName = "DOMAIN" };
    private readonly Option<string> _older = new("--older") { Description = "Only mail that has been queued for longer, such as 30m, 2h or 3d.", HelpName = "TIME" };
    private readonly Option<string> _reason = new("--reason") { Description = "Only mail whose last answer contains this text.", HelpName = "TEXT" };

    public IEnumerable<Symbol> Options => [_to, _from, _domain, _older, _reason];

    /// <summary>The names of the options, for whoever gave none.</summary>
    public string Names => string.Join(", ", Options.Select(static o => o.Name));

    /// <summary>The query of the admin API; empty when every message is selected.</summary>
    public string ToQuery(CommandContext context)
    {
        TimeSpan? older = null;
        if (context.Get(_older) is { } text)
        {
            if (!ConfigurationValues.Duration.TryRead(text, out var age)) throw new CommandFailure($"--older takes {ConfigurationValues.Duration.Allowed}", ExitCodes.Usage);
            older = age;
        }

        var filter = new QueueFilter
        {
            To = context.Get(_to),
            From = context.Get(_from),
            Domain = context.Get(_domain) is { } domain ? CommandContext.Domain(domain) : null,
            Reason = context.Get(_reason),
        };
        return QueueFilterQuery.Write(filter, older);
    }
}
