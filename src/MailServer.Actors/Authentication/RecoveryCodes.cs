using System.Security.Cryptography;
using MailServer.Domain.Access;

namespace MailServer.Actors.Authentication;

/// <summary>Creates recovery codes.</summary>
public static class RecoveryCodes
{
    /// <summary>New random codes.</summary>
    public static IReadOnlyList<string> NewSet() => [.. Enumerable.Range(0, RecoveryCode.SetSize).Select(static _ => RecoveryCode.Format(RandomNumberGenerator.GetBytes(RecoveryCode.RandomLength)))];

    /// <summary>What is stored of them.</summary>
    public static IReadOnlyList<byte[]> DigestsOf(IReadOnlyList<string> codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        return [.. codes.Select(static c => RecoveryCode.DigestOf(c)!)];
    }
}
