-- Grain: collection: an offering of kind collection, or one that has a list of members or a statement about that list.
select review_month, offering_key as collection_key from {{ source('reference', 'offerings') }} where {{ fold('kind') }} = 'collection'
union
select review_month, collection_key from {{ source('reference', 'collection_members') }}
union
select review_month, collection_key from {{ source('reference', 'collection_coverage') }}
