namespace Engine.Layers;

/// <summary>Tokens by their ids and ids by their tokens.</summary>
internal sealed class TokenTable
{
    private readonly string[] tokens;
    private readonly Dictionary<string, int> ids;

    /// <exception cref="ArgumentException">A token is empty or comes twice.</exception>
    public TokenTable(string[] tokens)
    {
        this.tokens = tokens;
        ids = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (string.IsNullOrEmpty(tokens[id])) throw new ArgumentException($"Token {id} is empty. Leave empty ones out.", nameof(tokens));
            if (!ids.TryAdd(tokens[id], id)) throw new ArgumentException($"'{tokens[id]}' is token {ids[tokens[id]]} and token {id}. Give each once.", nameof(tokens));
        }
    }

    public int Count => tokens.Length;

    public IReadOnlyList<string> Tokens => tokens;

    public int? Find(string token) => ids.TryGetValue(token, out int id) ? id : null;

    public string this[int id] => (uint)id < (uint)tokens.Length ? tokens[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"There is no token {id} among {tokens.Length}. It is of another vocabulary.");
}
