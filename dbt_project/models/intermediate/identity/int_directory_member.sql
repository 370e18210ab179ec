-- Grain: (directory group, person, entry of the group, value in it): who is a member of a group of the directory, by
-- the account's identifier, else by sign-in name or address. A group in a group is no person.
with member as (
    select m.review_month, m.group_name, m.member_id, m.group_dn, m.member_attribute, m.member_value,
        coalesce(a.email, m.mail) as mail_key, coalesce(b.email, m.user_principal_name) as upn_key, m.src
    from {{ ref('stg_outside__directory_group_members') }} as m
    left join {{ source('reference', 'person_aliases') }} as a on a.review_month = m.review_month
        and a.alias_email = m.mail
    left join {{ source('reference', 'person_aliases') }} as b on b.review_month = m.review_month
        and b.alias_email = m.user_principal_name
),
known as (
    select m.review_month, m.group_name, m.group_dn, m.member_attribute, m.member_value, p.person_key
    from member as m
    inner join {{ ref('int_directory_account') }} as d on d.review_month = m.review_month and d.user_id = m.member_id
    inner join {{ ref('int_person') }} as p on p.review_month = d.review_month and p.directory_src = d.src
    union
    select m.review_month, m.group_name, m.group_dn, m.member_attribute, m.member_value, p.person_key
    from member as m
    inner join {{ ref('int_person') }} as p on p.review_month = m.review_month and p.person_key = m.upn_key
    union
    select m.review_month, m.group_name, m.group_dn, m.member_attribute, m.member_value, p.person_key
    from member as m
    inner join {{ ref('int_person') }} as p on p.review_month = m.review_month and p.person_key = m.mail_key
)
select review_month, group_name, group_dn, member_attribute, member_value, person_key from known
