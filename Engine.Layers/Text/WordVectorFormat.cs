namespace Engine.Layers;

/// <summary>How a file holds <see cref="WordVectors"/>.</summary>
public enum WordVectorFormat
{
    /// <summary>Text: a line is a word and its numbers, with a space between them. Source: Pennington, Socher and Manning 2014.</summary>
    GloVe,

    /// <summary>The same below a first line with the count of words and the size of a vector. Source: Mikolov et al. 2013, the program word2vec; fastText has it too.</summary>
    Word2VecText,

    /// <summary>That first line, then each word, a space and the numbers as little-endian floats. Source: Mikolov et al. 2013, the program word2vec.</summary>
    Word2VecBinary,
}
