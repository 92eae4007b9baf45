using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Filtering;

/// <summary>The keys of what scripts remember in the database of the account.</summary>
internal static class ScriptMarks
{
    /// <summary>The marks that count sent messages.</summary>
    public const string SentPrefix = "sent:";

    /// <summary>How long a complete delivery is remembered: the queue may try it again so long.</summary>
    public static readonly TimeSpan DeliveryLifetime = TimeSpan.FromDays(7);

    public static string OfDuplicate(string key) => "seen:" + key;

    /// <summary>Somebody got an automatic reply.</summary>
    public static string OfReply(SieveVacation reply) => "replied:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{reply.Key} {reply.Recipient.ToLowerInvariant()}")));

    /// <summary>The scripts of a message have done everything that they wanted.</summary>
    public static string OfDelivery(SpoolId message) => "done:" + message.Base;

    /// <summary>The account was told of something today.</summary>
    public static string OfNotice(string kind) => "told:" + kind;

    public static string OfSent(SpoolId message, int index) => $"{SentPrefix}{message.Base}:{index}";
}
