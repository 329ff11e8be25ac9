namespace Engine.Layers;

/// <summary>A part of a text, in UTF-16 units as strings count them: <c>text.Substring(Start, Length)</c>.</summary>
/// <param name="Start">Its first unit.</param>
/// <param name="Length">How many.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>The unit after its last one.</summary>
    public int End => Start + Length;
}

/// <summary>The tokens of a text, or of two, and where they come from. All arrays have an element for each token.</summary>
public sealed class EncodedText
{
    internal EncodedText(int length)
        => (Ids, TypeIds, SpecialMask, Offsets, Words) = (new int[length], new int[length], new bool[length], new TextSpan[length], new int[length]);

    /// <summary>How many tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>Their ids.</summary>
    public int[] Ids { get; }

    /// <summary>Which text each token is of: 0 or 1; the special tokens after a text are of its type, as BERT has it.</summary>
    public int[] TypeIds { get; }

    /// <summary>Whether a token was put around the texts, and is of neither.</summary>
    public bool[] SpecialMask { get; }

    /// <summary>The part of the text, first or second by <see cref="TypeIds"/>, that each token stands for; empty for those put around the texts. A token that is some
    /// bytes of a character has the whole character.</summary>
    public TextSpan[] Offsets { get; }

    /// <summary>The number of the word that each token is a piece of, from 0 on through both texts; −1 for those put around them.</summary>
    public int[] Words { get; }

    internal void Set(int at, Piece piece, int type, int word)
        => (Ids[at], TypeIds[at], Offsets[at], Words[at]) = (piece.Id, type, new TextSpan(piece.Start, piece.Length), word);

    internal void SetSpecial(int at, int id, int type) => (Ids[at], TypeIds[at], SpecialMask[at], Words[at]) = (id, type, true, -1);
}

/// <summary>A token of one text.</summary>
internal readonly record struct Piece(int Id, int Start, int Length, int Word);
