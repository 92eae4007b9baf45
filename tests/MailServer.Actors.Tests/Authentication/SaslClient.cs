using System.Net;
using System.Security.Cryptography;
using System.Text;
using MailServer.Actors.Authentication;
using MailServer.Domain;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Sessions;
using MailServer.Protocol.Sasl;

namespace MailServer.Actors.Tests.Authentication;

/// <summary>The client side of each SASL mechanism, against the real server side and the real authenticator.</summary>
internal static class SaslClient
{
    private const string Nonce = "clientnonce";
    private static readonly byte[] Exporter = [1, 2, 3];
    public static readonly TlsInfo Tls = new BindableTlsInfo("TLSv1.3", "TLS_AES_256_GCM_SHA384", null, new TlsBindings(Exporter, null));

    /// <summary>The last step: Succeeded or Failed.</summary>
    public static async Task<SaslStep> RunAsync(string name, string login, string password, Authenticator authenticator, IPAddress peer, AccessScope scope, Action<AuthenticationRequest>? asked = null, List<string>? steps = null)
    {
        var mechanism = SaslMechanisms.Create(name, Limits.Default, Tls) ?? throw new ArgumentException($"{name} is not a mechanism", nameof(name));
        using var responses = Responses(name, login, password).GetEnumerator();
        var step = mechanism.Start(null);
        while (true)
        {
            steps?.Add(step is SaslStep.RequestAuthentication { Request: var question } ? $"Ask {question.GetType().Name}" : step.GetType().Name);
            switch (step)
            {
                case SaslStep.Challenge challenge:
                    Assert.True(responses.MoveNext(), $"{name} asks for more than its client knows");
                    step = mechanism.Next(responses.Current(challenge.Octets.ToArray()));
                    break;
                case SaslStep.RequestAuthentication ask:
                    asked?.Invoke(ask.Request);
                    step = mechanism.Answer(await authenticator.AnswerAsync(ask.Request, peer, scope));
                    break;
                default:
                    return step;
            }
        }
    }

    public static async Task<List<string>> StepsAsync(string name, string login, string password, Authenticator authenticator)
    {
        var steps = new List<string>();
        await RunAsync(name, login, password, authenticator, IPAddress.Loopback, AccessScope.Mail, steps: steps);
        return steps;
    }

    private static IEnumerable<Func<byte[], byte[]>> Responses(string name, string login, string password) => name switch
    {
        "PLAIN" => [_ => Encoding.UTF8.GetBytes($"\0{login}\0{password}")],
        "LOGIN" => [_ => Encoding.UTF8.GetBytes(login), _ => Encoding.UTF8.GetBytes(password)],
        "SCRAM-SHA-256" => Scram(login, password, "n,,", []),
        "SCRAM-SHA-256-PLUS" => Scram(login, password, "p=tls-exporter,,", Exporter),
        _ => throw new NotSupportedException($"write the client's side of {name} here, and it is tested with the others"),
    };

    private static IEnumerable<Func<byte[], byte[]>> Scram(string login, string password, string header, byte[] binding)
    {
        var first = $"n={login.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={Nonce}";
        yield return _ => Encoding.UTF8.GetBytes(header + first);
        yield return challenge =>
        {
            var server = Encoding.UTF8.GetString(challenge);
            var parts = server.Split(',');
            var final = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(header), .. binding])},{parts[0]}";
            var salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
            var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
            var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"{first},{server},{final}"));
            for (var i = 0; i < signature.Length; i++) signature[i] ^= clientKey[i];
            return Encoding.UTF8.GetBytes($"{final},p={Convert.ToBase64String(signature)}");
        };
        yield return _ => [];
    }

    /// <summary>The stored form of a password.</summary>
    public static ScramKeys KeysOf(string password, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, 32);
        return new ScramKeys(salt, iterations, SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }
}
